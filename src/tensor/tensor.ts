import { LegendaError } from '../errors.js';
import { allocate, type DType, type TypedArray } from './dtype.js';
import { formatShape, type Shape, sizeOf } from './shape.js';

/** What is known of a tensor before it has values. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Values in this process's memory, contiguous, last axis fastest. */
export interface Tensor extends TensorType {
  readonly data: TypedArray;
}

export const formatType = (type: TensorType): string => `${type.dtype}${formatShape(type.shape)}`;

/**
 * A host tensor from numbers (copied), or around a typed array (shared).
 * @throws LegendaError when the number of values is not the shape's, or the array is not of the dtype.
 */
export function tensor(dtype: DType, shape: Shape, values: TypedArray | readonly number[]): Tensor {
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new LegendaError(`tensor shape ${formatShape(shape)} has a size that is not a whole number from 0`);
  }
  const size = sizeOf(shape);
  if (values.length !== size) {
    throw new LegendaError(`tensor ${dtype}${formatShape(shape)} needs ${size} values, got ${values.length}`);
  }
  if (ArrayBuffer.isView(values)) {
    const array = values as TypedArray;
    const expected = allocate(dtype, 0).constructor;
    if (array.constructor !== expected) {
      throw new LegendaError(`a ${dtype} tensor needs a ${expected.name}, got ${array.constructor.name}`);
    }
    return { dtype, shape, data: array };
  }
  const data = allocate(dtype, size);
  if (data instanceof BigInt64Array) data.set(Array.from(values as readonly number[], BigInt));
  else data.set(values as readonly number[]);
  return { dtype, shape, data };
}

export const zeros = ({ dtype, shape }: TensorType): Tensor => ({ dtype, shape, data: allocate(dtype, sizeOf(shape)) });

export const scalar = (value: number, dtype: DType = 'float32'): Tensor => tensor(dtype, [], [value]);

/** The values as doubles (int64 beyond 2^53 loses its last digits). */
export function toNumbers(values: Tensor): Float64Array {
  return values.data instanceof BigInt64Array ? Float64Array.from(values.data, Number) : Float64Array.from(values.data);
}
