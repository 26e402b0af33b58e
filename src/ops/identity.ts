import { numbers, unary, unaryCases, wholeCase } from './elementwise.js';

export const Identity = unary(
  'Identity',
  (x) => x,
  (g) => g,
  [...unaryCases(), wholeCase(1)],
  [...numbers, 'uint8', 'bool'],
);
