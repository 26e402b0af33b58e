import { LegendaError } from '../errors.js';
import { formatShape, normaliseAxis, sizeOf, stridesOf } from '../tensor/shape.js';
import { slice } from './build.js';
import { requireSameDType } from './elementwise.js';
import { allInputs } from './emit.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

export type ConcatAttributes = { readonly axis: number };

export const Concat: Op<ConcatAttributes> = {
  infer: (inputs, attributes) => {
    const first = inputs[0]!.shape;
    const axis = normaliseAxis(attributes.axis, first.length);
    for (const { shape } of inputs) {
      if (shape.length !== first.length || shape.some((size, a) => a !== axis && size !== first[a])) {
        throw new LegendaError(`cannot join ${formatShape(first)} and ${formatShape(shape)} along axis ${axis}`);
      }
    }
    const joined = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [{ dtype: requireSameDType(inputs), shape: first.map((size, a) => (a === axis ? joined : size)) }];
  },
  emit: ({ attributes: { axis } }) => ({ opType: 'Concat', attributes: { axis: { int: axis } } }),
  read: (call) => {
    const axis = call.int('axis');
    if (axis === undefined) throw new LegendaError('attribute "axis" is missing');
    return { inputs: allInputs(call.inputs.length), attributes: { axis } };
  },
  vjp: ({ inputs, attributes }, g) => {
    const axis = normaliseAxis(attributes.axis, g!.shape.length);
    let end = 0;
    return inputs.map(({ shape }) => {
      const start = end;
      end += shape[axis]!;
      const bounds = [[start], [end]] as const;
      return () => slice(g!, bounds[0], bounds[1], [axis]);
    });
  },
  evaluate: (inputs, attributes, [y]) => {
    const axis = normaliseAxis(attributes.axis, y!.shape.length);
    const strides = stridesOf(y!.shape);
    const result = new Float64Array(sizeOf(y!.shape));
    let offset = 0;
    for (const input of inputs) {
      forEachIndex(input.shape, (index, position) => {
        result[index.reduce((at, i, a) => at + i * strides[a]!, offset * strides[axis]!)] = input.data[position]!;
      });
      offset += input.shape[axis]!;
    }
    return [result];
  },
  cases: [
    {
      name: 'whole numbers',
      inputs: [
        { shape: [2], dtype: 'int64' },
        { shape: [1], dtype: 'int64' },
      ],
      attributes: { axis: 0 },
    },
    { name: 'rows', inputs: [{ shape: [2, 3] }, { shape: [1, 3] }], attributes: { axis: 0 } },
    {
      name: 'negative axis',
      inputs: [{ shape: [2, 1] }, { shape: [2, 2] }, { shape: [2, 3] }],
      attributes: { axis: -1 },
    },
    { name: 'with size 0', inputs: [{ shape: [2, 0] }, { shape: [2, 2] }], attributes: { axis: 1 } },
    { name: 'one input', inputs: [{ shape: [2, 2] }], attributes: { axis: 0 } },
  ],
};
