import { neg } from './build.js';
import { numbers, unary, unaryCases, wholeCase } from './elementwise.js';

export const Neg = unary(
  'Neg',
  (x) => -x,
  (g) => neg(g),
  [...unaryCases(), wholeCase(1)],
  numbers,
);
