import { createHash } from 'node:crypto';
import { UsageError } from '../../errors.js';
import type { CaptionedImage, CaptionSet, Split } from '../captions/caption-set.js';
import { describeScene, scenesVersion } from './describe.js';
import type { SceneCaption } from './description.js';

export interface SceneImage extends CaptionedImage {
  /** The scene's index: `describeScene(seed, id)` is its description. */
  readonly id: number;
  readonly captions: readonly SceneCaption[];
}

export interface ScenesSet extends CaptionSet {
  readonly seed: number;
  readonly images: readonly SceneImage[];
}

/**
 * The first scenes of a seed with their captions: of ten in a row, eight are for training, one for validation and one for
 * testing, so that a larger set has a smaller one's images in the same splits.
 *
 * @param images how many, from 10
 * @throws UsageError when that is not a whole number from 10, or the seed no whole number
 */
export function scenesSet({ images: count, seed }: { readonly images: number; readonly seed: number }): ScenesSet {
  if (!Number.isSafeInteger(count) || count < 10) {
    throw new UsageError(`scenes: the number of images must be a whole number from 10, got ${count}`);
  }
  const digest = createHash('sha256').update(`scenes ${scenesVersion}\n`);
  const images = Array.from({ length: count }, (_, id): SceneImage => {
    const { captions } = describeScene(seed, id);
    for (const { raw } of captions) digest.update(`${id} ${raw}\n`);
    return { file: `scene-${seed}-${id}.png`, id, split: splitOf(id), captions };
  });
  return { name: 'scenes', seed, images, sha256: digest.digest('hex') };
}

/** Ten and the number of kinds have no common divisor, so every split has all kinds. */
const splitOf = (index: number): Split => (index % 10 === 8 ? 'val' : index % 10 === 9 ? 'test' : 'train');
