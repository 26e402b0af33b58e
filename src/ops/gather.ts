import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { normaliseAxis, sizeOf } from '../tensor/shape.js';
import { zeros } from '../tensor/tensor.js';
import { cast, constant, reshape, scatterAdd, transpose, unsqueeze } from './build.js';
import { fixedGatherGradient } from './fixed-gather.js';
import type { Op } from './op.js';

export type GatherAttributes = { readonly axis: number };

export const Gather: Op<GatherAttributes> = {
  infer: ([x, indices], attributes) => {
    const axis = normaliseAxis(attributes.axis, x!.shape.length);
    if (indices!.dtype !== 'int64' && indices!.dtype !== 'int32') {
      throw new LegendaError(`indices are ${indices!.dtype}, whole numbers (int64, int32) are expected`);
    }
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)] }];
  },
  emit: ({ attributes: { axis } }) => ({ opType: 'Gather', attributes: { axis: { int: axis } } }),
  read: (call) => ({ inputs: [0, 1], attributes: { axis: call.int('axis') ?? 0 } }),
  vjp: ({ inputs: [x, indices], attributes }, g) => [
    () => fixedGatherGradient(x!, indices!, g!, attributes) ?? scatterGradient(x!, indices!, g!, attributes),
    undefined,
  ],
  evaluate: ([x, indices], attributes, [y]) => {
    const axis = normaliseAxis(attributes.axis, x!.shape.length);
    const outer = sizeOf(x!.shape.slice(0, axis));
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const size = x!.shape[axis]!;
    const count = indices!.data.length;
    const result = new Float64Array(sizeOf(y!.shape));
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        const given = indices!.data[i]!;
        const row = given < 0 ? given + size : given;
        if (row < 0 || row >= size) throw new LegendaError(`index ${given} is outside an axis of ${size}`);
        for (let k = 0; k < inner; k++) {
          result[(o * count + i) * inner + k] = x!.data[(o * size + row) * inner + k]!;
        }
      }
    }
    return [result];
  },
  cases: [
    {
      name: 'known indices',
      inputs: [{ shape: [4, 3] }, { shape: [2, 2], dtype: 'int64', values: [1, 3, 1, -4], constant: true }],
      attributes: { axis: 0 },
    },
    {
      name: 'known indices, each once, of a middle axis',
      inputs: [{ shape: [2, 3, 2] }, { shape: [3], dtype: 'int64', values: [2, 0, 1], constant: true }],
      attributes: { axis: 1 },
    },
    {
      name: 'known indices, one row often',
      inputs: [{ shape: [30, 2] }, { shape: [9], dtype: 'int64', values: [3, 3, 3, 3, 3, 3, 3, 3, 3], constant: true }],
      attributes: { axis: 0 },
    },
    {
      name: 'indices of 32 bits',
      inputs: [{ shape: [4, 3] }, { shape: [2], dtype: 'int32', values: [3, -3] }],
      attributes: { axis: 0 },
    },
    {
      name: 'embedding',
      inputs: [{ shape: [4, 3] }, { shape: [2, 2], dtype: 'int64', values: [1, 3, 1, 0] }],
      attributes: { axis: 0 },
    },
    {
      name: 'a middle axis',
      inputs: [{ shape: [2, 3, 2] }, { shape: [2], dtype: 'int64', values: [2, 0] }],
      attributes: { axis: 1 },
    },
    {
      name: 'scalar index',
      inputs: [{ shape: [2, 3] }, { shape: [], dtype: 'int64', values: [1] }],
      attributes: { axis: -1 },
    },
    {
      name: 'negative indices',
      inputs: [{ shape: [3, 2] }, { shape: [2], dtype: 'int64', values: [-1, -3] }],
      attributes: { axis: 0 },
    },
    {
      name: 'no indices',
      inputs: [{ shape: [3, 2] }, { shape: [0], dtype: 'int64', values: [] }],
      attributes: { axis: 0 },
    },
  ],
};

function scatterGradient(x: Value, indices: Value, g: Value, attributes: GatherAttributes): Value {
  // rows first, so that one index names a whole row
  const axis = normaliseAxis(attributes.axis, x.shape.length);
  const rank = x.shape.length;
  const front = [axis, ...Array.from({ length: rank }, (_, a) => a).filter((a) => a !== axis)];
  const count = indices.shape.length;
  const rows = Array.from({ length: g.shape.length }, (_, a) => a);
  const indexAxes = rows.slice(axis, axis + count);
  const others = rows.filter((a) => a < axis || a >= axis + count);
  const shape = front.map((a) => x.shape[a]!);
  const moved = axis === 0 ? g : transpose(g, [...indexAxes, ...others]);
  const added = scatterAdd(
    constant(x, zeros({ dtype: x.dtype, shape })),
    unsqueeze(cast(indices, 'int64'), [count]),
    moved,
  );
  return axis === 0
    ? reshape(added, x.shape)
    : transpose(
        added,
        front.map((_, a) => front.indexOf(a)),
      );
}
