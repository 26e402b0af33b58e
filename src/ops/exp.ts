import { mul } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Exp = unary('Exp', Math.exp, (g, _, y) => mul(g, y), unaryCases());
