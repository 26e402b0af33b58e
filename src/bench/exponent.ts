import { meanOf } from '../metrics/spread.js';

/** A size and what it takes; both above 0. */
export interface Measured {
  readonly size: number;
  readonly value: number;
}

/**
 * The p of value ≈ c·sizeᵖ by least squares of the logarithms, over the larger half of the sizes (at least two): smaller ones
 * show what is constant.
 * @returns NaN of fewer than two different sizes
 */
export function growthExponent(points: readonly Measured[]): number {
  const sorted = [...points].sort((a, b) => a.size - b.size);
  const upper = sorted.slice(-Math.max(2, Math.ceil(sorted.length / 2)));
  const x = upper.map(({ size }) => Math.log(size));
  const y = upper.map(({ value }) => Math.log(value));
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  const covariance = x.reduce((sum, own, i) => sum + (own - meanX) * (y[i]! - meanY), 0);
  return covariance / x.reduce((sum, own) => sum + (own - meanX) ** 2, 0);
}
