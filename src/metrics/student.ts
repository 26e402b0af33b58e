import { deviationOf, meanOf } from './spread.js';

/** 97.5 % quantile of the normal distribution. */
export const normalQuantile = 1.959964;

/** 97.5 % quantiles of Student's t distribution, from one degree of freedom. */
const few = [12.7062, 4.30265, 3.18245, 2.77645];

/** The same for any number of degrees of freedom, to 0.003: Cornish and Fisher's expansion where the table ends. */
export function studentQuantile(freedom: number): number {
  const z = normalQuantile;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return few[freedom - 1] ?? terms.reduce((sum, term, power) => sum + term / freedom ** power, 0);
}

/** The 95 % interval of the mean of which these values are a sample, if they are normal; NaN with fewer than two. */
export function meanInterval(values: readonly number[]): readonly [low: number, high: number] {
  const mean = meanOf(values);
  const half = (studentQuantile(values.length - 1) * deviationOf(values)) / Math.sqrt(values.length);
  return [mean - half, mean + half];
}
