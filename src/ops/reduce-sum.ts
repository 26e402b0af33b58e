import type { Op } from './op.js';
import {
  emitReduce,
  evaluateReduce,
  expandReduced,
  inferReduce,
  type ReduceAttributes,
  readReduce,
  reduceCases,
} from './reduce.js';

export const ReduceSum: Op<ReduceAttributes> = {
  infer: inferReduce,
  emit: emitReduce('ReduceSum'),
  read: readReduce,
  vjp: ({ inputs: [x], attributes }, g) => [() => expandReduced(g!, x!, attributes)],
  evaluate: ([x], attributes) => [evaluateReduce(x!, attributes, 0, (sum, value) => sum + value)],
  cases: [
    ...reduceCases(),
    { name: 'over size 0', inputs: [{ shape: [2, 0] }], attributes: { axes: [1], keepdims: false } },
  ],
};
