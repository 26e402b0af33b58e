import { neg } from './build.js';
import { binary, broadcastCases, unbroadcast, wholeCase } from './elementwise.js';

export const Sub = binary(
  'Sub',
  (a, b) => a - b,
  // what was repeated is summed before it is negated: fewer numbers
  ({ inputs: [a, b] }, g) => [() => unbroadcast(g!, a!), () => neg(unbroadcast(g!, b!))],
  [...broadcastCases(), wholeCase(2)],
);
