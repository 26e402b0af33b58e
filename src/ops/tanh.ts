import { mul, sub } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Tanh = unary('Tanh', Math.tanh, (g, _, y) => mul(g, sub(1, mul(y, y))), [
  ...unaryCases(),
  { name: 'tails', inputs: [{ shape: [4], values: [-100, -9, 9, 100] }], attributes: {} },
]);
