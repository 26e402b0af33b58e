import { mul } from './build.js';
import { binary, broadcastCases } from './elementwise.js';

export const Mul = binary('Mul', (a, b) => a * b, [(g, _, b) => mul(g, b), (g, a) => mul(g, a)], broadcastCases());
