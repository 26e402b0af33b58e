import { LegendaError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';
import { reshape } from './build.js';
import type { Op } from './op.js';

export type FlattenAttributes = { readonly axis: number };

export const Flatten: Op<FlattenAttributes> = {
  infer: ([x], { axis }) => {
    const rank = x!.shape.length;
    if (axis < -rank || axis > rank) throw new LegendaError(`axis ${axis} is outside [${-rank}, ${rank}]`);
    const at = axis < 0 ? axis + rank : axis;
    return [{ dtype: x!.dtype, shape: [sizeOf(x!.shape.slice(0, at)), sizeOf(x!.shape.slice(at))] }];
  },
  emit: ({ attributes: { axis } }) => ({ opType: 'Flatten', attributes: { axis: { int: axis } } }),
  read: (call) => ({ inputs: [0], attributes: { axis: call.int('axis') ?? 1 } }),
  vjp: ({ inputs: [x] }, g) => [() => reshape(g!, x!.shape)],
  evaluate: ([x]) => [x!.data.slice()],
  cases: [
    { name: 'behind the last axis', inputs: [{ shape: [2, 3] }], attributes: { axis: 2 } },
    { name: 'images', inputs: [{ shape: [2, 3, 2, 2] }], attributes: { axis: 1 } },
    { name: 'axis 0', inputs: [{ shape: [2, 3] }], attributes: { axis: 0 } },
    { name: 'negative axis', inputs: [{ shape: [2, 3, 4] }], attributes: { axis: -1 } },
    { name: 'size 0', inputs: [{ shape: [0, 3, 2] }], attributes: { axis: 1 } },
  ],
};
