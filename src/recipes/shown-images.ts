import { type Preprocessing, Preprocessor } from '../data/images/preprocess.js';
import type { FeatureStore } from '../encode/feature-store.js';
import { sizeOf } from '../tensor/shape.js';
import type { ShownImages } from '../train/captioner.js';

/** What pixels are multiplied by after 128 is taken away: values from -2 to 2. */
const scale = 1 / 64;

/** For encoders that are trained from the start. @param side of what they see */
export const shownPreprocessing = (side: number): Preprocessing => {
  const [mean, std] = [128 / 255, 1 / (255 * scale)];
  return { side, fit: 'squash', mean: [mean, mean, mean], std: [std, std, std] };
};

/**
 * Pictures of one size that are all in memory as bytes, for an encoder that is trained along.
 * @param pixels [images, side, side, 3]
 */
export function shownPixels(pixels: Uint8Array, preprocessing: Preprocessing): ShownImages {
  const { side } = preprocessing;
  const preprocessor = new Preprocessor(preprocessing);
  const { size } = preprocessor;
  return {
    shape: [3, side, side],
    fill(indices, into) {
      for (let row = 0; row < indices.length; row++) {
        const from = indices[row]! * size;
        preprocessor.normalise(pixels.subarray(from, from + size), into, row * size);
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
