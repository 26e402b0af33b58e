import { basename } from 'node:path';
import type { ImageClassificationSet } from '../data/dataset.js';
import { Preprocessor } from '../data/images/preprocess.js';
import { pixelTables } from '../data/pixels.js';
import { LegendaError, UsageError } from '../errors.js';
import { imagePicture, type Picture } from '../explain/pictures.js';
import type { TrainedModel } from './open-run.js';

/** One image that a classifier is asked about. */
export interface GivenImage {
  /** Its class, where that is known; the file's name otherwise. */
  readonly name: string;
  /** What it is; undefined for a file of one's own. */
  readonly class?: string;
  /** Its number among the test images. */
  readonly image?: number;
  readonly picture: Picture;
  /** [C, H, W], as the model takes it. */
  readonly pixels: Float32Array;
}

/** @throws UsageError when there is no test image of that number */
export function givenTestImage(
  trained: TrainedModel,
  { test, classes }: ImageClassificationSet,
  index: number,
): GivenImage {
  if (!(Number.isInteger(index) && index >= 0 && index < test.count))
    throw new UsageError(`there is no test image ${index}: a whole number from 0 to ${test.count - 1} is expected`);
  const size = test.channels * test.height * test.width;
  const name = classes[test.labels[index]!]!;
  return { name, class: name, image: index, ...shown(trained, test.pixels.subarray(index * size, (index + 1) * size)) };
}

/** What the eye makes of red, green and blue (ITU-R BT.601). */
const luminance = [0.299, 0.587, 0.114] as const;

/**
 * A file, resized to what the model takes, whatever its shape, and grey where the model sees one channel.
 * @throws LegendaError when it cannot be read, or the model takes images of another kind
 */
export async function givenFile(trained: TrainedModel, path: string): Promise<GivenImage> {
  const [channels, height, width] = trained.recipe.image as [number, number, number];
  if (height !== width || (channels !== 1 && channels !== 3))
    throw new LegendaError(
      `${trained.recipe.name} takes images of ${trained.recipe.image.join('×')}: a file is no such`,
    );
  const rgb = await new Preprocessor({ side: height, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] }).pixels(path);
  const plane = height * width;
  const bytes = Uint8Array.from({ length: channels * plane }, (_, i) => {
    const at = 3 * (i % plane);
    if (channels === 3) return rgb[at + Math.floor(i / plane)]!;
    return Math.round(luminance.reduce((sum, weight, channel) => sum + weight * rgb[at + channel]!, 0));
  });
  return { name: basename(path), ...shown(trained, bytes) };
}

/** @param bytes [C, H, W] */
function shown({ recipe, configuration }: TrainedModel, bytes: Uint8Array): Pick<GivenImage, 'picture' | 'pixels'> {
  const [channels] = recipe.image as [number, number, number];
  const tables = pixelTables(channels, { scale: configuration.pixelScale });
  const plane = bytes.length / channels;
  return {
    picture: imagePicture(
      Float32Array.from(bytes, (byte) => byte / 255),
      recipe.image,
    ),
    pixels: Float32Array.from(bytes, (byte, i) => tables[Math.floor(i / plane)]![byte]!),
  };
}
