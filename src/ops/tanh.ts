import { mul, sub } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Tanh = unary('Tanh', Math.tanh, (g, _, y) => mul(g, sub(1, mul(y, y))), unaryCases());
