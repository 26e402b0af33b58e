import type { Value } from '../graph/graph.js';
import { toNumbers } from '../tensor/tensor.js';
import { and, equal, greaterOrEqual, log, mul, pow, sub, where } from './build.js';
import { binary, broadcastCases, floats } from './elementwise.js';

const shape = [4];

export const Pow = binary(
  'Pow',
  (a, b) => a ** b,
  // da: b·a^(b-1); db: a^b·log a, so a must not be negative where b is trained
  [
    (g, a, b) => {
      const slope = mul(b, pow(a, sub(b, 1)));
      // 0·0^(-1) is not a number, but a^0 is constant
      return mul(g, mayBeZero(b) ? where(equal(b, 0), 0, slope) : slope);
    },
    (g, a, b, y) => mul(g, where(and(equal(a, 0), greaterOrEqual(b, 0)), 0, mul(y, log(a)))),
  ],
  [
    ...broadcastCases({ range: [0.5, 2] }),
    { name: 'squares', inputs: [{ shape }, { shape: [], values: [2], constant: true }], attributes: {} },
    {
      name: 'zero bases and exponents',
      inputs: [
        { shape, values: [0, 0, 0, 2] },
        { shape, values: [0, 1, 2, 0] },
      ],
      attributes: {},
      atKink: true,
    },
  ],
  { accepted: floats },
);

const mayBeZero = ({ source }: Value): boolean => source.kind !== 'constant' || toNumbers(source.tensor).includes(0);
