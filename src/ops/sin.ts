import { cos, mul } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Sin = unary('Sin', Math.sin, (g, x) => mul(g, cos(x)), unaryCases());
