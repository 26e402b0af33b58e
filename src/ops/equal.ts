import { binary, broadcastCases } from './elementwise.js';

export const Equal = binary(
  'Equal',
  (a, b) => Number(a === b),
  'a comparison is piecewise constant',
  [
    ...broadcastCases({ apart: 0.01 }),
    {
      name: 'whole numbers',
      inputs: [
        { shape: [4], dtype: 'int64', values: [0, 1, 2, 3] },
        { shape: [4], dtype: 'int64', values: [0, 2, 2, -3] },
      ],
      attributes: {},
    },
  ],
  'bool',
);
