import { mul } from './build.js';
import { binary, broadcastCases, unbroadcast, wholeCase } from './elementwise.js';

export const Mul = binary(
  'Mul',
  (a, b) => a * b,
  ({ inputs: [a, b] }, g) =>
    a === b
      ? [() => mul(mul(g!, 2), a!), undefined]
      : [() => unbroadcast(mul(g!, b!), a!), () => unbroadcast(mul(g!, a!), b!)],
  [...broadcastCases(), wholeCase(2)],
);
