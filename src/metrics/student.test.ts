import { expect, it } from 'vitest';
import { meanInterval, studentQuantile } from './student.js';

it.each([
  [1, 12.7062],
  [4, 2.7764],
  [5, 2.5706],
  [9, 2.2622],
  [30, 2.0423],
])('has Student’s quantile of %i degrees of freedom', (freedom, quantile) => {
  expect(Math.abs(studentQuantile(freedom) - quantile)).toBeLessThan(0.005);
});

it('has the interval of a mean', () => {
  // 2 ± 4.30265 / √3
  const [low, high] = meanInterval([1, 2, 3]);
  expect(low).toBeCloseTo(-0.48414, 4);
  expect(high).toBeCloseTo(4.48414, 4);
  expect(meanInterval([0.5, 0.5])).toEqual([0.5, 0.5]);
  expect(meanInterval([1])).toEqual([Number.NaN, Number.NaN]);
});
