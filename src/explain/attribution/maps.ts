import type { InputGradients } from './input-gradients.js';
import { type IntegratedGradients, integratedGradients } from './integrated-gradients.js';
import { occlusion } from './occlusion.js';
import { saliency, sumOverChannels } from './saliency.js';

/** What one score of an image rests on, each [H, W]. */
export interface AttributionMaps {
  /** From 0. */
  readonly saliency: Float32Array;
  /** Integrated gradients, summed over the channels. */
  readonly integrated: Float32Array;
  readonly occlusion: Float32Array;
  /** Of integrated gradients. */
  readonly completeness: Pick<IntegratedGradients, 'difference' | 'sum' | 'pieces'>;
}

/** Sides of the square that covers a part of an image, and from square to square, over the image's height. */
const covered = { size: 1 / 7, stride: 1 / 14 };

/**
 * @param pixels of one image, [C, H, W]
 * @param score which of the K
 * @param black value of a black pixel, by channel: the baseline, and what covers
 */
export async function attributionMaps(
  model: InputGradients,
  pixels: Float32Array,
  score: number,
  black: readonly number[],
): Promise<AttributionMaps> {
  const [batch, channels, height, width] = model.images as [number, number, number, number];
  const one = [1, channels, height, width];
  const images = new Float32Array(batch * model.size);
  images.set(pixels);
  const { gradient } = await model.run(images, model.choose([score]));
  const baseline = Float32Array.from({ length: model.size }, (_, i) => black[Math.floor(i / (height * width))]!);
  const { attributions, difference, sum, pieces } = await integratedGradients(model, pixels, score, { baseline });
  return {
    saliency: saliency(gradient.subarray(0, model.size), one),
    integrated: sumOverChannels(attributions, one),
    occlusion: await occlusion(model, pixels, score, {
      size: Math.max(1, Math.round(covered.size * height)),
      stride: Math.max(1, Math.round(covered.stride * height)),
      fill: black,
    }),
    completeness: { difference, sum, pieces },
  };
}
