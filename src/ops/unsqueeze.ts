import { normaliseAxes } from '../tensor/shape.js';
import { squeeze } from './build.js';
import { int64s } from './emit.js';
import type { Op } from './op.js';

export type UnsqueezeAttributes = { readonly axes: readonly number[] };

export const Unsqueeze: Op<UnsqueezeAttributes> = {
  infer: ([x], attributes) => {
    const axes = normaliseAxes(attributes.axes, x!.shape.length + attributes.axes.length);
    const shape = [...x!.shape];
    for (const axis of axes) shape.splice(axis, 0, 1);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: ({ attributes: { axes } }) => ({ opType: 'Unsqueeze', inputs: [0, int64s(axes)] }),
  read: (call) => ({ inputs: [0], attributes: { axes: call.ints('axes') ?? call.constant(1)! } }),
  vjp: ({ attributes: { axes } }, g) => [() => squeeze(g!, axes)],
  evaluate: ([x]) => [x!.data.slice()],
  cases: [
    { name: 'in front and behind', inputs: [{ shape: [2, 3] }], attributes: { axes: [0, -1] } },
    { name: 'scalar', inputs: [{ shape: [] }], attributes: { axes: [0] } },
    { name: 'size 0', inputs: [{ shape: [0] }], attributes: { axes: [1] } },
  ],
};
