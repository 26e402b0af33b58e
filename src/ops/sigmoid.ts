import { mul, sub } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Sigmoid = unary(
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (g, _, y) => mul(g, mul(y, sub(1, y))),
  [...unaryCases(), { name: 'tails', inputs: [{ shape: [4], values: [-100, -9, 9, 100] }], attributes: {} }],
);
