import { binary, broadcastCases, wholeCase } from './elementwise.js';

export const Add = binary('Add', (a, b) => a + b, [(g) => g, (g) => g], [...broadcastCases(), wholeCase(2)]);
