import { LegendaError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';
import { div, expand } from './build.js';
import { floats, type NoAttributes, requireDType } from './elementwise.js';
import type { Op } from './op.js';

/** [N, C, …] → [N, C, 1, …]: the mean over all spatial axes. */
export const GlobalAveragePool: Op<NoAttributes> = {
  infer: ([x]) => {
    requireDType([x!], floats);
    if (x!.shape.length < 3) throw new LegendaError('an input [N, C, …] with spatial axes is expected');
    if (x!.shape.slice(2).includes(0)) throw new LegendaError('no elements have no mean');
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, axis) => (axis < 2 ? size : 1)) }];
  },
  emit: () => ({ opType: 'GlobalAveragePool' }),
  read: () => ({ inputs: [0], attributes: {} }),
  vjp: ({ inputs: [x] }, g) => [() => expand(div(g!, sizeOf(x!.shape.slice(2))), x!.shape)],
  evaluate: ([x], _, [y]) => {
    const area = sizeOf(x!.shape.slice(2));
    const result = new Float64Array(sizeOf(y!.shape));
    x!.data.forEach((value, i) => {
      result[Math.floor(i / area)]! += value / area;
    });
    return [result];
  },
  cases: [
    { name: 'images', inputs: [{ shape: [2, 3, 4, 5] }], attributes: {} },
    { name: 'one spatial axis', inputs: [{ shape: [2, 2, 3] }], attributes: {} },
    { name: 'size 1', inputs: [{ shape: [1, 1, 1, 1] }], attributes: {} },
    { name: 'no images', inputs: [{ shape: [0, 2, 2, 2] }], attributes: {} },
  ],
};
