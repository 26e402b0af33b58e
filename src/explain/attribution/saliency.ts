import type { Shape } from '../../tensor/shape.js';

/**
 * Where a score would change most with the pixel: the gradient's largest size over the channels (Simonyan, Vedaldi and
 * Zisserman, 2013).
 * @param gradient [N, C, H, W]
 * @returns [N, H, W], from 0
 */
export const saliency = (gradient: Float32Array, shape: Shape): Float32Array =>
  overChannels(gradient, shape, (most, value) => Math.max(most, Math.abs(value)));

/**
 * What each place adds up to, over the channels.
 * @param attributions [N, C, H, W]
 * @returns [N, H, W]
 */
export const sumOverChannels = (attributions: Float32Array, shape: Shape): Float32Array =>
  overChannels(attributions, shape, (sum, value) => sum + value);

function overChannels(
  values: Float32Array,
  [n, channels, height, width]: Shape,
  join: (known: number, value: number) => number,
): Float32Array {
  const plane = height! * width!;
  const joined = new Float32Array(n! * plane);
  values.forEach((value, i) => {
    const at = Math.floor(i / (channels! * plane)) * plane + (i % plane);
    joined[at] = join(joined[at]!, value);
  });
  return joined;
}
