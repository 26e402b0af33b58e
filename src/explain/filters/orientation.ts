import type { ConvolutionWeights, Kernel } from './filters.js';
import { kernelOf } from './filters.js';

/** Directions that gratings are tried in, over half a turn. */
const directions = 36;
/** Cycles a pixel; the last is the finest that pixels can show. */
const frequencies = [0.125, 0.1875, 0.25, 0.3125, 0.375, 0.4375, 0.5];

/**
 * How much a filter prefers edges of one direction: |Σ R(θ)·e^{2iθ}| / Σ R(θ), which is 1 minus the circular variance (Ringach,
 * Shapley and Hawken, 2002). R(θ) is the filter's largest answer to gratings of that direction, over frequencies and phases.
 *
 * @returns in [0, 1]: 0 for a filter that answers to all directions alike, and for one of zeros
 */
export function orientationSelectivity(kernel: Kernel): number {
  let [total, cosines, sines] = [0, 0, 0];
  for (let i = 0; i < directions; i++) {
    const angle = (Math.PI * i) / directions;
    const answer = Math.max(...frequencies.map((frequency) => answerTo(kernel, frequency, angle)));
    total += answer;
    cosines += answer * Math.cos(2 * angle);
    sines += answer * Math.sin(2 * angle);
  }
  return total > 0 ? Math.hypot(cosines, sines) / total : 0;
}

/** The largest answer to a grating, whatever its phase: the size of the filter's Fourier transform there. */
function answerTo(kernel: Kernel, frequency: number, angle: number): number {
  let [real, imaginary] = [0, 0];
  for (const [y, row] of kernel.entries())
    for (const [x, weight] of row.entries()) {
      const phase = 2 * Math.PI * frequency * (x * Math.cos(angle) + y * Math.sin(angle));
      real += weight * Math.cos(phase);
      imaginary += weight * Math.sin(phase);
    }
  return Math.hypot(real, imaginary);
}

/** Orientation selectivity of every filter of a convolution and every input channel: [out·in]. */
export function selectivitiesOf(weights: ConvolutionWeights): number[] {
  const [filters, channels] = weights.shape as [number, number];
  return Array.from({ length: filters * channels }, (_, i) =>
    orientationSelectivity(kernelOf(weights, Math.floor(i / channels), i % channels)),
  );
}
