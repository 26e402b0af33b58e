import type { Value } from '../graph/graph.js';
import { normaliseAxes, reducedShape, type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import { expand, reshape } from './build.js';
import { int64s } from './emit.js';
import { forEachIndex } from './evaluate.js';
import type { Call, Case, NumberArray, OnnxCall, OnnxSource } from './op.js';

export type ReduceAttributes = {
  /** All axes when undefined. */
  readonly axes: readonly number[] | undefined;
  readonly keepdims: boolean;
};

export const inferReduce = ([x]: readonly TensorType[], { axes, keepdims }: ReduceAttributes): TensorType[] => [
  { dtype: x!.dtype, shape: reducedShape(x!.shape, normaliseAxes(axes, x!.shape.length), keepdims) },
];

export const emitReduce =
  (opType: string) =>
  ({ attributes: { axes, keepdims } }: Call<ReduceAttributes>): OnnxCall => ({
    opType,
    attributes: {
      keepdims: { int: Number(keepdims) },
      // an empty list of axes would mean all of them
      ...(axes?.length === 0 && { noop_with_empty_axes: { int: 1 } }),
    },
    inputs: axes === undefined ? [0] : [0, int64s(axes)],
  });

export function readReduce(call: OnnxSource): { inputs: number[]; attributes: ReduceAttributes } {
  const listed = call.ints('axes') ?? call.constant(1);
  const none = listed === undefined || listed.length === 0;
  const axes = none ? (call.int('noop_with_empty_axes') === 1 ? [] : undefined) : listed;
  return { inputs: [0], attributes: { axes, keepdims: (call.int('keepdims') ?? 1) === 1 } };
}

/** A reduction's result (or its cotangent) repeated over x again. */
export function expandReduced(reduced: Value, x: Value, { axes }: ReduceAttributes): Value {
  return expand(reshape(reduced, reducedShape(x.shape, normaliseAxes(axes, x.shape.length), true)), x.shape);
}

/** Number of elements that go into one result. */
export const reducedCount = (shape: Shape, axes: readonly number[] | undefined): number =>
  normaliseAxes(axes, shape.length).reduce((count, axis) => count * shape[axis]!, 1);

export function evaluateReduce(
  x: NumberArray,
  { axes }: ReduceAttributes,
  start: number,
  combine: (accumulated: number, value: number) => number,
): Float64Array {
  const reduced = reducedShape(x.shape, normaliseAxes(axes, x.shape.length), true);
  const strides = stridesOf(reduced).map((stride, axis) => (reduced[axis] === 1 ? 0 : stride));
  const result = new Float64Array(sizeOf(reduced)).fill(start);
  forEachIndex(x.shape, (index, position) => {
    const target = index.reduce((at, i, axis) => at + i * strides[axis]!, 0);
    result[target] = combine(result[target]!, x.data[position]!);
  });
  return result;
}

export const reduceCases = (options: { apart?: number } = {}): readonly Case<ReduceAttributes>[] => [
  {
    name: 'all axes, kept',
    inputs: [{ shape: [2, 1, 2], ...options }],
    attributes: { axes: undefined, keepdims: true },
  },
  { name: 'a scalar', inputs: [{ shape: [], ...options }], attributes: { axes: undefined, keepdims: false } },
  { name: 'no rows', inputs: [{ shape: [0, 3], ...options }], attributes: { axes: [1], keepdims: false } },
  { name: 'no axes', inputs: [{ shape: [2, 2], ...options }], attributes: { axes: [], keepdims: true } },
  { name: 'all axes', inputs: [{ shape: [2, 3], ...options }], attributes: { axes: undefined, keepdims: false } },
  { name: 'one axis, kept', inputs: [{ shape: [2, 3, 2], ...options }], attributes: { axes: [1], keepdims: true } },
  { name: 'negative axes', inputs: [{ shape: [2, 3, 4], ...options }], attributes: { axes: [-1, 0], keepdims: false } },
  { name: 'size 1', inputs: [{ shape: [3, 1], ...options }], attributes: { axes: [1], keepdims: false } },
];
