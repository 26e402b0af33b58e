import type { Preprocessing } from '../data/images/preprocess.js';
import type { FeatureStore } from '../encode/feature-store.js';
import { type Shape, sizeOf } from '../tensor/shape.js';
import type { ShownImages } from '../train/captioner.js';

/** What pixels are multiplied by after 128 is taken away, for encoders that are trained from the start. */
const scale = 1 / 64;

/** The same of images that are read. @param side of what the encoder sees */
export const shownPreprocessing = (side: number): Preprocessing => {
  const [mean, std] = [128 / 255, 1 / (255 * scale)];
  return { side, fit: 'squash', mean: [mean, mean, mean], std: [std, std, std] };
};

/**
 * Pictures of one size that are all in memory, for an encoder that is trained along: values from -2 to 2.
 * @param pixels [images, side, side, 3]
 */
export function shownPixels(pixels: Uint8Array, side: number): ShownImages {
  const plane = side * side;
  return {
    shape: [3, side, side],
    fill(indices, into) {
      for (let row = 0; row < indices.length; row++) {
        let from = indices[row]! * plane * 3;
        const to = row * plane * 3;
        for (let i = 0; i < plane; i++, from += 3) {
          into[to + i] = (pixels[from]! - 128) * scale;
          into[to + plane + i] = (pixels[from + 1]! - 128) * scale;
          into[to + 2 * plane + i] = (pixels[from + 2]! - 128) * scale;
        }
      }
    },
  };
}

/** Images that are all in memory as the network takes them. @param values one image behind the other */
export function shownValues(values: Float32Array, shape: Shape): ShownImages {
  const size = sizeOf(shape);
  return {
    shape,
    fill(indices, into) {
      for (let row = 0; row < indices.length; row++) {
        into.set(values.subarray(indices[row]! * size, (indices[row]! + 1) * size), row * size);
      }
    },
  };
}

/** Features that an encoder computed before. @param digests of the images, under which the store has them */
export function shownFeatures(store: FeatureStore, digests: readonly string[]): ShownImages {
  const size = sizeOf(store.shape);
  return {
    shape: store.shape,
    fill(indices, into) {
      for (let row = 0; row < indices.length; row++) {
        store.read(digests[indices[row]!]!, into.subarray(row * size, (row + 1) * size));
      }
    },
  };
}
