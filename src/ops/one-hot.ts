import { LegendaError } from '../errors.js';
import type { DType } from '../tensor/dtype.js';
import { normaliseAxis, sizeOf } from '../tensor/shape.js';
import { scalar, tensor } from '../tensor/tensor.js';
import type { Op } from './op.js';

export type OneHotAttributes = {
  readonly depth: number;
  /** Where the new axis stands in the result. */
  readonly axis: number;
  readonly dtype: DType;
};

export const OneHot: Op<OneHotAttributes> = {
  infer: ([indices], { depth, axis: given, dtype }) => {
    if (indices!.dtype !== 'int64' && indices!.dtype !== 'int32') {
      throw new LegendaError(`indices are ${indices!.dtype}, whole numbers (int64, int32) are expected`);
    }
    if (!Number.isInteger(depth) || depth < 1)
      throw new LegendaError(`depth is ${depth}, a whole number from 1 is expected`);
    const axis = normaliseAxis(given, indices!.shape.length + 1);
    return [{ dtype, shape: [...indices!.shape.slice(0, axis), depth, ...indices!.shape.slice(axis)] }];
  },
  emit: ({ inputs: [indices], attributes: { depth, axis, dtype } }) => ({
    opType: 'OneHot',
    attributes: { axis: { int: axis } },
    inputs: [0, scalar(depth, indices!.dtype), tensor(dtype, [2], [0, 1])],
  }),
  read: (call) => {
    const values = call.constant(2)!;
    if (values[0] !== 0 || values[1] !== 1) {
      throw new LegendaError(`off and on values [${values}] are not supported, only [0,1]`);
    }
    const attributes = { depth: call.constant(1)![0]!, axis: call.int('axis') ?? -1, dtype: call.inputs[2]!.dtype };
    return { inputs: [0], attributes };
  },
  vjp: 'its input is whole numbers',
  evaluate: ([indices], { depth, axis: given }, [y]) => {
    const axis = normaliseAxis(given, indices!.shape.length + 1);
    const inner = sizeOf(indices!.shape.slice(axis));
    const result = new Float64Array(sizeOf(y!.shape));
    indices!.data.forEach((index, i) => {
      const at = index < 0 ? index + depth : index;
      if (at >= 0 && at < depth) result[(Math.floor(i / inner) * depth + at) * inner + (i % inner)] = 1;
    });
    return [result];
  },
  cases: [
    {
      name: 'labels',
      inputs: [{ shape: [4], dtype: 'int64', values: [2, 0, 1, 2] }],
      attributes: { depth: 3, axis: -1, dtype: 'float32' },
    },
    {
      name: 'axis in front',
      inputs: [{ shape: [2, 2], dtype: 'int64', values: [0, 3, 1, 1] }],
      attributes: { depth: 4, axis: 0, dtype: 'float32' },
    },
    {
      name: 'a middle axis',
      inputs: [{ shape: [2, 2], dtype: 'int32', values: [0, 2, 1, 1] }],
      attributes: { depth: 3, axis: 1, dtype: 'float32' },
    },
    {
      name: 'negative and outside',
      inputs: [{ shape: [4], dtype: 'int64', values: [-1, -3, 3, -4] }],
      attributes: { depth: 3, axis: -1, dtype: 'float32' },
    },
    {
      name: 'no labels',
      inputs: [{ shape: [0], dtype: 'int64', values: [] }],
      attributes: { depth: 3, axis: -1, dtype: 'float32' },
    },
  ],
};
