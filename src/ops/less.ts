import { binary, broadcastCases } from './elementwise.js';

export const Less = binary(
  'Less',
  (a, b) => Number(a < b),
  'a comparison is piecewise constant',
  broadcastCases({ apart: 0.01 }),
  'bool',
);
