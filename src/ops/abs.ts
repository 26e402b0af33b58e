import { mul, sign } from './build.js';
import { numbers, unary, unaryCases, wholeCase } from './elementwise.js';

export const Abs = unary(
  'Abs',
  Math.abs,
  (g, x) => mul(g, sign(x)),
  [...unaryCases({ apart: 0.01 }), wholeCase(1)],
  numbers,
);
