import { UsageError } from '../../errors.js';
import type { InputGradients } from './input-gradients.js';

export interface IntegratedGradients {
  /** [C, H, W]: what each value adds to the score, against the baseline. */
  readonly attributions: Float32Array;
  /** Score of the image minus the baseline's: what the attributions should sum to. */
  readonly difference: number;
  readonly sum: number;
  /** Steps that the way from baseline to image was cut into. */
  readonly steps: number;
}

export interface IntegratedGradientsOptions {
  /** [C, H, W]: an image that says nothing, such as a black one. */
  readonly baseline: Float32Array;
  /** How far the sum may be from the difference, over the difference; 0.005 by default. */
  readonly tolerance?: number;
  /** Steps at first, doubled until the tolerance is met; 32 by default. */
  readonly steps?: number;
  /** No more than so many; 2,048 by default. */
  readonly maxSteps?: number;
}

/**
 * Integrated gradients of one score (Sundararajan, Taly and Yan, 2017): (x - x')·∫₀¹ ∂F(x' + α(x - x'))/∂x dα, the integral
 * by the midpoint rule.
 *
 * @param pixels of one image, [C, H, W]
 * @param score which of the K
 * @throws UsageError when an option is out of range
 */
export async function integratedGradients(
  model: InputGradients,
  pixels: Float32Array,
  score: number,
  { baseline, tolerance = 0.005, steps = 32, maxSteps = 2048 }: IntegratedGradientsOptions,
): Promise<IntegratedGradients> {
  for (const [name, value] of Object.entries({ steps, maxSteps }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new UsageError(`${name}: a whole number from 1 is expected, ${value} came`);
  const [batch] = model.images as [number];
  const ends = new Float32Array(batch * model.size);
  const scoreOf = async (image: Float32Array): Promise<number> => {
    ends.set(image);
    return (await model.scores(ends))[score]!;
  };
  const difference = (await scoreOf(pixels)) - (await scoreOf(baseline));
  for (let cut = Math.min(steps, maxSteps); ; cut = Math.min(2 * cut, maxSteps)) {
    const mean = await meanGradient(model, pixels, baseline, score, cut);
    const attributions = mean.map((value, i) => value * (pixels[i]! - baseline[i]!));
    const sum = attributions.reduce((total, value) => total + value, 0);
    if (cut === maxSteps || Math.abs(sum - difference) <= tolerance * Math.abs(difference))
      return { attributions, difference, sum, steps: cut };
  }
}

/** The gradient's mean over the middles of `steps` pieces of the straight way from baseline to image. */
async function meanGradient(
  model: InputGradients,
  pixels: Float32Array,
  baseline: Float32Array,
  score: number,
  steps: number,
): Promise<Float32Array> {
  const [batch] = model.images as [number];
  const { size } = model;
  const sum = new Float64Array(size);
  const way = new Float32Array(batch * size);
  for (let from = 0; from < steps; from += batch) {
    const count = Math.min(batch, steps - from);
    for (let i = 0; i < count; i++) {
      const along = (from + i + 0.5) / steps;
      for (let j = 0; j < size; j++) way[i * size + j] = baseline[j]! + along * (pixels[j]! - baseline[j]!);
    }
    const weights = model.choose(Array<number>(batch).fill(score));
    const { gradient } = await model.run(way, weights);
    for (let i = 0; i < count * size; i++) sum[i % size]! += gradient[i]!;
  }
  return Float32Array.from(sum, (value) => value / steps);
}
