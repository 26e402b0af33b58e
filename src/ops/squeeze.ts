import { LegendaError } from '../errors.js';
import { formatShape, normaliseAxes, type Shape } from '../tensor/shape.js';
import { reshape } from './build.js';
import { int64s } from './emit.js';
import type { Op } from './op.js';

export type SqueezeAttributes = {
  /** Each of size 1; all that are, when none is named (as ONNX Runtime takes it). */
  readonly axes: readonly number[];
};

export const Squeeze: Op<SqueezeAttributes> = {
  infer: ([x], attributes) => {
    const axes = attributes.axes.length === 0 ? ones(x!.shape) : normaliseAxes(attributes.axes, x!.shape.length);
    if (axes.some((axis) => x!.shape[axis] !== 1)) {
      throw new LegendaError(`axes [${axes}] of ${formatShape(x!.shape)} are not all of size 1`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  emit: ({ inputs: [x], attributes: { axes } }) => ({
    opType: 'Squeeze',
    inputs: [0, int64s(axes.length === 0 ? ones(x!.shape) : axes)],
  }),
  read: (call) => ({ inputs: [0], attributes: { axes: call.ints('axes') ?? call.constant(1) ?? [] } }),
  vjp: ({ inputs: [x] }, g) => [() => reshape(g!, x!.shape)],
  evaluate: ([x]) => [x!.data.slice()],
  cases: [
    { name: 'negative axis', inputs: [{ shape: [2, 1, 3] }], attributes: { axes: [-2] } },
    { name: 'size 0', inputs: [{ shape: [0, 1] }], attributes: { axes: [1] } },
    { name: 'in front and behind', inputs: [{ shape: [1, 2, 3, 1] }], attributes: { axes: [0, -1] } },
    { name: 'to a scalar', inputs: [{ shape: [1] }], attributes: { axes: [0] } },
  ],
};

const ones = (shape: Shape): number[] => shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
