import { expect, it } from 'vitest';
import { deviationOf, meanOf, quantileOf } from './spread.js';

it('mean and deviation are those of a sample', () => {
  expect(meanOf([1, 2, 6])).toBe(3);
  expect(deviationOf([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 12);
  expect([meanOf([]), deviationOf([4])]).toEqual([Number.NaN, Number.NaN]);
});

it('quantiles are values of the sample, whatever its order', () => {
  const values = [5, 1, 3, 2, 4];
  expect([0, 0.25, 0.5, 0.74, 1].map((share) => quantileOf(values, share))).toEqual([1, 2, 3, 3, 5]);
  expect(values).toEqual([5, 1, 3, 2, 4]);
});
