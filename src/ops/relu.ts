import { cast, greater, mul } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Relu = unary(
  'Relu',
  (x) => Math.max(x, 0),
  // y is positive where x is, and is what the next op keeps in memory anyway
  (g, _, y) => mul(g, cast(greater(y, 0), g.dtype)),
  [
    ...unaryCases({ apart: 0.01 }),
    { name: 'at zero', inputs: [{ shape: [3], values: [0, -1, 1] }], attributes: {}, atKink: true },
  ],
);
