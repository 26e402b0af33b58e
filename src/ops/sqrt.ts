import { div, mul } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Sqrt = unary('Sqrt', Math.sqrt, (g, _, y) => div(mul(g, 0.5), y), unaryCases({ range: [0.1, 2] }));
