import { LegendaError } from '../errors.js';
import { formatShape, sameShape, sizeOf, stridesOf } from '../tensor/shape.js';
import { gather, squeeze } from './build.js';
import { requireSameDType } from './elementwise.js';
import { allInputs } from './emit.js';
import type { Op } from './op.js';

export type ScatterNDAttributes = { readonly reduction: 'add' };

/** Only what Gather's gradient needs: whole rows, added. */
export const ScatterND: Op<ScatterNDAttributes> = {
  infer: ([x, indices, updates]) => {
    if (indices!.dtype !== 'int64') throw new LegendaError(`indices are ${indices!.dtype}, int64 is expected`);
    if (x!.shape.length === 0) throw new LegendaError('a scalar has no rows');
    requireSameDType([x!, updates!]);
    const depth = indices!.shape.at(-1);
    if (depth !== 1) throw new LegendaError(`indices of depth ${depth} are not supported, only of 1`);
    const expected = [...indices!.shape.slice(0, -1), ...x!.shape.slice(1)];
    if (!sameShape(expected, updates!.shape)) {
      throw new LegendaError(`updates are ${formatShape(updates!.shape)}, ${formatShape(expected)} is expected`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ inputs }) => ({
    opType: 'ScatterND',
    attributes: { reduction: { string: 'add' } },
    inputs: allInputs(inputs.length),
  }),
  read: (call) => {
    const reduction = call.string('reduction') ?? 'none';
    if (reduction !== 'add') throw new LegendaError(`reduction "${reduction}" is not supported, only "add"`);
    return { inputs: [0, 1, 2], attributes: { reduction } };
  },
  vjp: ({ inputs: [, indices] }, g) => [() => g!, undefined, () => gather(g!, squeeze(indices!, [-1]))],
  evaluate: ([x, indices, updates]) => {
    const result = x!.data.slice();
    const row = x!.shape.length === 0 ? 1 : stridesOf(x!.shape)[0]!;
    const count = sizeOf(indices!.shape.slice(0, -1));
    for (let i = 0; i < count; i++) {
      const given = indices!.data[i]!;
      const index = given < 0 ? given + x!.shape[0]! : given;
      if (index < 0 || index >= x!.shape[0]!)
        throw new LegendaError(`index ${given} is outside an axis of ${x!.shape[0]}`);
      const at = index * row;
      for (let k = 0; k < row; k++) result[at + k]! += updates!.data[i * row + k]!;
    }
    return [result];
  },
  cases: [
    {
      name: 'negative indices, several axes of them',
      inputs: [{ shape: [4] }, { shape: [2, 2, 1], dtype: 'int64', values: [-1, 0, 1, -4] }, { shape: [2, 2] }],
      attributes: { reduction: 'add' },
    },
    {
      name: 'no updates',
      inputs: [{ shape: [2, 3] }, { shape: [0, 1], dtype: 'int64', values: [] }, { shape: [0, 3] }],
      attributes: { reduction: 'add' },
    },
    {
      name: 'rows added twice',
      inputs: [{ shape: [3, 2] }, { shape: [3, 1], dtype: 'int64', values: [2, 0, 2] }, { shape: [3, 2] }],
      attributes: { reduction: 'add' },
    },
  ],
};
