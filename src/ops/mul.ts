import { mul } from './build.js';
import { binary, broadcastCases, wholeCase } from './elementwise.js';

export const Mul = binary(
  'Mul',
  (a, b) => a * b,
  [(g, _, b) => mul(g, b), (g, a) => mul(g, a)],
  [...broadcastCases(), wholeCase(2)],
);
