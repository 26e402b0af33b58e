import { binary, broadcastCases } from './elementwise.js';

export const Greater = binary(
  'Greater',
  (a, b) => Number(a > b),
  'a comparison is piecewise constant',
  broadcastCases({ apart: 0.01 }),
  'bool',
);
