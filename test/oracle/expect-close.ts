import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor.js';
import { differenceOf, type Expected, float32Tolerance, type Tolerance } from './closeness.js';

export { float32Tolerance };

/** Fails when anything differs by more than it may. */
export function expectClose(actual: Tensor, expected: Expected, tolerance: Tolerance, label = 'the values'): void {
  const difference = differenceOf(actual, expected, tolerance);
  if (difference !== undefined) expect.fail(`${label}: ${difference}`);
}
