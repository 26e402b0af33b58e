/** Tensors that lie one after the other along a first axis. */
import { allocate } from './dtype.js';
import { sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

/** The first of them, in the same memory. */
export const firstOf = ({ dtype, shape: [, ...shape], data }: Tensor, count: number): Tensor => ({
  dtype,
  shape: [count, ...shape],
  data: data.subarray(0, count * sizeOf(shape)),
});

/** So many of one tensor. */
export function repeated({ dtype, shape, data }: Tensor, times: number): Tensor {
  const all = allocate(dtype, times * data.length);
  for (let i = 0; i < times; i++) (all as Float32Array).set(data as Float32Array, i * data.length);
  return { dtype, shape: [times, ...shape], data: all };
}

/** Every row `times` times, side by side. */
export function repeatRows(value: Tensor, times: number): Tensor {
  if (times === 1) return value;
  const [rows, ...rest] = value.shape as [number, ...number[]];
  const width = sizeOf(rest);
  const repeated = {
    dtype: value.dtype,
    shape: [rows * times, ...rest],
    data: allocate(value.dtype, rows * times * width),
  };
  for (let row = 0; row < rows * times; row++) {
    const from = Math.floor(row / times) * width;
    repeated.data.set(value.data.subarray(from, from + width) as never, row * width);
  }
  return repeated;
}

/** Rows of one tensor, one after the other, into another of its type. @param rows by place, from 0 */
export function takeRows(from: Tensor, rows: readonly number[], into: Tensor): void {
  const width = sizeOf(from.shape.slice(1));
  for (const [at, row] of rows.entries())
    into.data.set(from.data.subarray(row * width, (row + 1) * width) as never, at * width);
}
