import { LegendaError } from '../errors.js';
import { formatShape, sameShape, sizeOf, stridesOf } from '../tensor/shape.js';
import { zeros } from '../tensor/tensor.js';
import { constant, gather, reshape, scatter } from './build.js';
import { requireSameDType } from './elementwise.js';
import { allInputs } from './emit.js';
import type { OnnxSource, Op } from './op.js';
import { placesOfTuples } from './places.js';

export type ScatterNDAttributes = { readonly reduction: 'none' | 'add' };

/** @throws LegendaError when a node combines what is there with updates otherwise */
export function readReduction(call: OnnxSource): ScatterNDAttributes['reduction'] {
  const reduction = call.string('reduction') ?? 'none';
  if (reduction !== 'none' && reduction !== 'add')
    throw new LegendaError(`reduction "${reduction}" is not supported, only "none" and "add"`);
  return reduction;
}

/** x with updates in place of what the tuples of indices name, or added to it. */
export const ScatterND: Op<ScatterNDAttributes> = {
  infer: ([x, indices, updates]) => {
    if (indices!.dtype !== 'int64') throw new LegendaError(`indices are ${indices!.dtype}, int64 is expected`);
    if (x!.shape.length === 0) throw new LegendaError('a scalar has no rows');
    requireSameDType([x!, updates!]);
    const depth = indices!.shape.at(-1) ?? 0;
    if (depth < 1 || depth > x!.shape.length)
      throw new LegendaError(`indices of depth ${depth} do not fit ${x!.shape.length} axes`);
    const expected = [...indices!.shape.slice(0, -1), ...x!.shape.slice(depth)];
    if (!sameShape(expected, updates!.shape)) {
      throw new LegendaError(`updates are ${formatShape(updates!.shape)}, ${formatShape(expected)} is expected`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ inputs, attributes: { reduction } }) => ({
    opType: 'ScatterND',
    attributes: { reduction: { string: reduction } },
    inputs: allInputs(inputs.length),
  }),
  read: (call) => ({ inputs: [0, 1, 2], attributes: { reduction: readReduction(call) } }),
  vjp: ({ inputs: [x, indices, updates], attributes: { reduction } }, g) => [
    () => (reduction === 'add' ? g! : scatter(g!, indices!, constant(g!, zeros(updates!)))),
    undefined,
    () => {
      const named = x!.shape.slice(0, indices!.shape.at(-1)!);
      const rows = reshape(g!, [sizeOf(named), ...x!.shape.slice(named.length)]);
      return gather(rows, placesOfTuples(indices!, named));
    },
  ],
  evaluate: ([x, indices, updates], { reduction }) => {
    const result = x!.data.slice();
    const depth = indices!.shape.at(-1)!;
    const strides = stridesOf(x!.shape);
    const row = sizeOf(x!.shape.slice(depth));
    const count = sizeOf(indices!.shape.slice(0, -1));
    for (let i = 0; i < count; i++) {
      let at = 0;
      for (let axis = 0; axis < depth; axis++) {
        const given = indices!.data[i * depth + axis]!;
        const size = x!.shape[axis]!;
        const index = given < 0 ? given + size : given;
        if (index < 0 || index >= size) throw new LegendaError(`index ${given} is outside an axis of ${size}`);
        at += index * strides[axis]!;
      }
      for (let k = 0; k < row; k++)
        result[at + k] = updates!.data[i * row + k]! + (reduction === 'add' ? result[at + k]! : 0);
    }
    return [result];
  },
  cases: [
    {
      name: 'rows replaced',
      inputs: [{ shape: [4, 2] }, { shape: [2, 1], dtype: 'int64', values: [3, -4] }, { shape: [2, 2] }],
      attributes: { reduction: 'none' },
    },
    {
      name: 'elements replaced',
      inputs: [
        { shape: [2, 3, 2] },
        { shape: [2, 2, 3], dtype: 'int64', values: [0, 0, 1, 1, 2, 0, 0, -1, 0, -2, 1, -1] },
        { shape: [2, 2] },
      ],
      attributes: { reduction: 'none' },
    },
    {
      name: 'rows of two axes added',
      inputs: [{ shape: [2, 3, 2] }, { shape: [3, 2], dtype: 'int64', values: [1, 2, 0, 0, 1, -1] }, { shape: [3, 2] }],
      attributes: { reduction: 'add' },
    },
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
