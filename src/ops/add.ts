import { binary, broadcastCases } from './elementwise.js';

export const Add = binary('Add', (a, b) => a + b, [(g) => g, (g) => g], broadcastCases());
