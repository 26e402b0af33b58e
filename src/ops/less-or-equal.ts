import { binary, broadcastCases } from './elementwise.js';

export const LessOrEqual = binary(
  'LessOrEqual',
  (a, b) => Number(a <= b),
  'a comparison is piecewise constant',
  broadcastCases({ apart: 0.01 }),
  'bool',
);
