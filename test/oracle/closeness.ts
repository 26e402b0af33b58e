import type { NumberArray } from '../../src/ops/op.js';
import type { DType } from '../../src/tensor/dtype.js';
import { sameShape } from '../../src/tensor/shape.js';
import { formatType, type Tensor, toNumbers } from '../../src/tensor/tensor.js';

export interface Tolerance {
  /** Allowed distance relative to the expected value, and absolute: both are added. */
  readonly relative: number;
  readonly absolute: number;
}

/** Single precision: a few hundred rounding errors of 6e-8. */
export const float32Tolerance: Tolerance = { relative: 1e-5, absolute: 1e-5 };

export type Expected = NumberArray & { readonly dtype: DType };

/**
 * What differs: dtype or shape, a value that is further off than allowed, or one that is NaN where the expected one is not.
 * Undefined where nothing does.
 */
export function differenceOf(actual: Tensor, expected: Expected, tolerance: Tolerance): string | undefined {
  if (actual.dtype !== expected.dtype || !sameShape(actual.shape, expected.shape)) {
    return `${formatType(expected)} is expected, ${formatType(actual)} came`;
  }
  const numbers = toNumbers(actual);
  for (const [position, value] of expected.data.entries()) {
    const came = numbers[position]!;
    if (Object.is(came, value) || came === value) continue;
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(value);
    // written so that NaN differs, and what is not the same infinity
    if (!(Math.abs(came - value) <= allowed && Number.isFinite(value))) {
      return `at ${position} of ${formatType(expected)} ${value} ± ${allowed} is expected, ${came} came`;
    }
  }
  return undefined;
}
