import { neg } from './build.js';
import { binary, broadcastCases, wholeCase } from './elementwise.js';

export const Sub = binary('Sub', (a, b) => a - b, [(g) => g, (g) => neg(g)], [...broadcastCases(), wholeCase(2)]);
