import { div } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Log = unary('Log', Math.log, (g, x) => div(g, x), unaryCases({ range: [0.1, 2] }));
