import { UsageError } from '../../errors.js';
import type { InputGradients } from './input-gradients.js';

export interface OcclusionOptions {
  /** Side of the square that is covered, in pixels. */
  readonly size: number;
  /** Pixels from square to square. */
  readonly stride: number;
  /** What covers, by channel. */
  readonly fill: readonly number[];
}

/**
 * How much a score falls when a square of the image is covered (Zeiler and Fergus, 2014): by pixel, the mean over the squares
 * that cover it. Squares reach over the edges, so that every pixel is covered as often as its neighbours.
 *
 * @param pixels of one image, [C, H, W]
 * @param score which of the K
 * @returns [H, W]
 * @throws UsageError when size or stride is no whole number from 1, squares would leave gaps, the score is none of the K, or
 *   pixels or `fill` are not those of an image
 */
export async function occlusion(
  model: InputGradients,
  pixels: Float32Array,
  score: number,
  { size, stride, fill }: OcclusionOptions,
): Promise<Float32Array> {
  if (!(Number.isInteger(stride) && stride >= 1 && Number.isInteger(size) && size >= stride))
    throw new UsageError(`occlusion: 1 ≤ stride ≤ size is expected, size ${size} and stride ${stride} came`);
  const [batch, channels, height, width] = model.images as [number, number, number, number];
  model.checkScore(score);
  model.checkImage('pixels', pixels);
  if (fill.length !== channels)
    throw new UsageError(`fill: a value for each of ${channels} channels is expected, ${fill.length} came`);
  const squares = corners(height, size, stride).flatMap((top) =>
    corners(width, size, stride).map((left) => ({
      ...{ top: Math.max(top, 0), bottom: Math.min(top + size, height) },
      ...{ left: Math.max(left, 0), right: Math.min(left + size, width) },
    })),
  );
  const plane = height * width;
  const covered = new Float32Array(batch * model.size);
  covered.set(pixels);
  const whole = (await model.scores(covered))[score]!;
  const [drops, times] = [new Float64Array(plane), new Float64Array(plane)];
  for (let from = 0; from < squares.length; from += batch) {
    const some = squares.slice(from, from + batch);
    for (const [i, { top, bottom, left, right }] of some.entries()) {
      const image = covered.subarray(i * model.size, (i + 1) * model.size);
      image.set(pixels);
      for (const [channel, value] of fill.entries())
        for (let y = top; y < bottom; y++)
          image.fill(value, channel * plane + y * width + left, channel * plane + y * width + right);
    }
    const scores = await model.scores(covered);
    for (const [i, { top, bottom, left, right }] of some.entries())
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) {
          drops[y * width + x]! += whole - scores[i * model.count + score]!;
          times[y * width + x]! += 1;
        }
  }
  return Float32Array.from(drops, (drop, i) => drop / times[i]!);
}

/** Where squares begin along a side: every pixel is in ⌈size / stride⌉ of them, or one fewer. */
function corners(side: number, size: number, stride: number): number[] {
  const found: number[] = [];
  for (let corner = stride - size; corner < side; corner += stride) found.push(corner);
  return found;
}
