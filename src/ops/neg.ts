import { neg } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Neg = unary(
  'Neg',
  (x) => -x,
  (g) => neg(g),
  unaryCases(),
);
