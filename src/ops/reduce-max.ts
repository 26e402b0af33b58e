import { LegendaError } from '../errors.js';
import { normaliseAxes, reducedShape } from '../tensor/shape.js';
import { cast, div, equal, mul, reduceSum, reshape } from './build.js';
import type { Op } from './op.js';
import {
  emitReduce,
  evaluateReduce,
  inferReduce,
  type ReduceAttributes,
  readReduce,
  reduceCases,
  reducedCount,
} from './reduce.js';

export const ReduceMax: Op<ReduceAttributes> = {
  infer: (inputs, attributes) => {
    if (reducedCount(inputs[0]!.shape, attributes.axes) === 0) throw new LegendaError('no elements have no maximum');
    return inferReduce(inputs, attributes);
  },
  emit: emitReduce('ReduceMax'),
  read: readReduce,
  // equals share evenly, as in torch.amax
  vjp: ({ inputs: [x], outputs: [y], attributes: { axes } }, g) => [
    () => {
      const kept = reducedShape(x!.shape, normaliseAxes(axes, x!.shape.length), true);
      const largest = cast(equal(x!, reshape(y!, kept)), g!.dtype);
      return mul(largest, div(reshape(g!, kept), reduceSum(largest, { axes, keepdims: true })));
    },
  ],
  evaluate: ([x], attributes) => [evaluateReduce(x!, attributes, -Infinity, Math.max)],
  cases: [
    ...reduceCases({ apart: 0.01 }),
    {
      name: 'ties',
      inputs: [{ shape: [2, 3], values: [1, 3, 3, -1, -1, -1] }],
      attributes: { axes: [1], keepdims: false },
      atKink: true,
    },
  ],
};
