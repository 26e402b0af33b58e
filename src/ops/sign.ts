import { numbers, unary, unaryCases, wholeCase } from './elementwise.js';

export const Sign = unary(
  'Sign',
  Math.sign,
  'the sign is piecewise constant',
  [...unaryCases({ apart: 0.01 }), wholeCase(1)],
  numbers,
);
