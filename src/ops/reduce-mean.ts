import { div } from './build.js';
import type { Op } from './op.js';
import {
  emitReduce,
  evaluateReduce,
  expandReduced,
  inferReduce,
  type ReduceAttributes,
  readReduce,
  reduceCases,
  reducedCount,
} from './reduce.js';

export const ReduceMean: Op<ReduceAttributes> = {
  infer: inferReduce,
  emit: emitReduce('ReduceMean'),
  read: readReduce,
  vjp: ({ inputs: [x], attributes }, g) => [
    () => expandReduced(div(g!, reducedCount(x!.shape, attributes.axes)), x!, attributes),
  ],
  evaluate: ([x], attributes) => {
    const count = reducedCount(x!.shape, attributes.axes);
    return [evaluateReduce(x!, attributes, 0, (sum, value) => sum + value / count)];
  },
  cases: reduceCases(),
};
