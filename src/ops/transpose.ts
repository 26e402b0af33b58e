import { LegendaError } from '../errors.js';
import { sizeOf, stridesOf } from '../tensor/shape.js';
import { transpose } from './build.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

export type TransposeAttributes = { readonly perm: readonly number[] };

export const Transpose: Op<TransposeAttributes> = {
  infer: ([x], { perm }) => {
    const rank = x!.shape.length;
    if (perm.length !== rank || new Set(perm).size !== rank || perm.some((axis) => axis < 0 || axis >= rank)) {
      throw new LegendaError(`perm [${perm}] is no order of ${rank} axes`);
    }
    return [{ dtype: x!.dtype, shape: perm.map((axis) => x!.shape[axis]!) }];
  },
  emit: ({ attributes: { perm } }) => ({ opType: 'Transpose', attributes: { perm: { ints: perm } } }),
  read: (call) => ({
    inputs: [0],
    attributes: { perm: call.ints('perm') ?? call.inputs[0]!.shape.map((_, i, shape) => shape.length - 1 - i) },
  }),
  vjp: ({ attributes: { perm } }, g) => [
    () =>
      transpose(
        g!,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
  ],
  evaluate: ([x], { perm }, [y]) => {
    const strides = stridesOf(x!.shape);
    const result = new Float64Array(sizeOf(y!.shape));
    forEachIndex(y!.shape, (index, position) => {
      result[position] = x!.data[index.reduce((at, i, axis) => at + i * strides[perm[axis]!]!, 0)]!;
    });
    return [result];
  },
  cases: [
    { name: 'matrix', inputs: [{ shape: [2, 3] }], attributes: { perm: [1, 0] } },
    { name: 'a cycle of axes', inputs: [{ shape: [2, 3, 4] }], attributes: { perm: [2, 0, 1] } },
    { name: 'size 0', inputs: [{ shape: [2, 0] }], attributes: { perm: [1, 0] } },
  ],
};
