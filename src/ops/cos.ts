import { mul, neg, sin } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Cos = unary('Cos', Math.cos, (g, x) => neg(mul(g, sin(x))), unaryCases());
