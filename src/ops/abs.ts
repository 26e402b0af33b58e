import { mul, sign } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Abs = unary('Abs', Math.abs, (g, x) => mul(g, sign(x)), unaryCases({ apart: 0.01 }));
