import { binary, broadcastCases } from './elementwise.js';

export const GreaterOrEqual = binary(
  'GreaterOrEqual',
  (a, b) => Number(a >= b),
  'a comparison is piecewise constant',
  broadcastCases({ apart: 0.01 }),
  'bool',
);
