import { LegendaError } from '../errors.js';
import { broadcastShapes, formatShape, sameShape } from '../tensor/shape.js';
import { unbroadcast } from './elementwise.js';
import { int64s } from './emit.js';
import { evaluateBroadcast } from './evaluate.js';
import type { Op } from './op.js';

export type ExpandAttributes = { readonly shape: readonly number[] };

export const Expand: Op<ExpandAttributes> = {
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x!.shape, shape), shape)) {
      throw new LegendaError(`cannot expand ${formatShape(x!.shape)} to ${formatShape(shape)}`);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  emit: ({ attributes: { shape } }) => ({ opType: 'Expand', inputs: [0, int64s(shape)] }),
  // ONNX's Expand broadcasts both ways
  read: (call) => ({
    inputs: [0],
    attributes: { shape: broadcastShapes(call.inputs[0]!.shape, call.constant(1)!) },
  }),
  vjp: ({ inputs: [x] }, g) => [() => unbroadcast(g!, x!)],
  evaluate: ([x], _, [y]) => [evaluateBroadcast([x!], y!.shape, (value) => value!)],
  cases: [
    { name: 'size 1 repeated', inputs: [{ shape: [2, 1] }], attributes: { shape: [2, 3] } },
    { name: 'axes added', inputs: [{ shape: [3] }], attributes: { shape: [2, 2, 3] } },
    { name: 'scalar', inputs: [{ shape: [] }], attributes: { shape: [2, 2] } },
    { name: 'to size 0', inputs: [{ shape: [1, 2] }], attributes: { shape: [0, 2] } },
  ],
};
