import { broadcastAxes, type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import type { NumberArray } from './op.js';

/** Calls `visit` with every index of `shape`, last axis fastest, and its position; the index is reused. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], position: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let position = 0; position < size; position++) {
    visit(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** Position of an index of a broadcast result in one of its operands. */
export function broadcastReader(operand: Shape, result: Shape): (index: readonly number[]) => number {
  const added = result.length - operand.length;
  const repeated = new Set(broadcastAxes(operand, result));
  const strides = stridesOf(operand).map((stride, axis) => (repeated.has(axis + added) ? 0 : stride));
  return (index) => strides.reduce((position, stride, axis) => position + stride * index[axis + added]!, 0);
}

export function evaluateBroadcast(
  inputs: readonly NumberArray[],
  shape: Shape,
  f: (...values: number[]) => number,
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const readers = inputs.map((input) => broadcastReader(input.shape, shape));
  forEachIndex(shape, (index, position) => {
    result[position] = f(...inputs.map((input, i) => input.data[readers[i]!(index)]!));
  });
  return result;
}

/** The rows of a tensor along one axis: calls `visit` with the positions of each row's elements. */
export function forEachRow(shape: Shape, axis: number, visit: (positions: readonly number[]) => void): void {
  const stride = stridesOf(shape)[axis]!;
  const outer = shape.map((size, a) => (a === axis ? 1 : size));
  const strides = stridesOf(shape);
  forEachIndex(outer, (index) => {
    const start = index.reduce((position, i, a) => position + i * strides[a]!, 0);
    visit(Array.from({ length: shape[axis]! }, (_, i) => start + i * stride));
  });
}
