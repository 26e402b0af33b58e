/**
 * Images in blocks of channels, as ONNX Runtime's convolutions for CPUs compute them (its "NCHWc"): [N, C, H, W] is held as
 * [N, C/b, H·W, b], and said to be [N, C, H, W] with C rounded up to blocks of b.
 */
import type { Shape } from '../../tensor/shape.js';

/** Channels rounded up to whole blocks. */
export const wholeBlocks = (channels: number, block: number): number => Math.ceil(channels / block) * block;

/** @param shape [N, C, H, W] of the data */
export function toBlocks(data: Float64Array, shape: Shape, block: number): Float64Array {
  const [n, channels, height, width] = shape as [number, number, number, number];
  const result = new Float64Array(n * wholeBlocks(channels, block) * height * width);
  forEachElement([n, channels, height * width], block, (plain, blocked) => {
    result[blocked] = data[plain]!;
  });
  return result;
}

/** @param shape [N, C, H, W] of the result, whose channels may be fewer than the data's */
export function fromBlocks(data: Float64Array, shape: Shape, block: number): Float64Array {
  const [n, channels, height, width] = shape as [number, number, number, number];
  const result = new Float64Array(n * channels * height * width);
  forEachElement([n, channels, height * width], block, (plain, blocked) => {
    result[plain] = data[blocked]!;
  });
  return result;
}

function forEachElement(
  [n, channels, places]: readonly [number, number, number],
  block: number,
  visit: (plain: number, blocked: number) => void,
): void {
  const held = wholeBlocks(channels, block);
  for (let image = 0, plain = 0; image < n; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = (image * held + channel - (channel % block)) * places + (channel % block);
      for (let place = 0; place < places; place++) visit(plain++, first + place * block);
    }
  }
}
