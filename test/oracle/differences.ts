import type { NumberArray } from '../../src/ops/op.js';

/**
 * Central differences of a scalar function in every element of one of its arguments. With a step of 1e-5 and functions
 * of about 1 the error is about 1e-10.
 */
export function finiteDifferences(f: (x: NumberArray) => number, x: NumberArray, step = 1e-5): Float64Array {
  return x.data.map((value, position) => {
    const at = (moved: number): number => f({ shape: x.shape, data: x.data.with(position, moved) });
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}
