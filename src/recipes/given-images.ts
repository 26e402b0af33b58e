import { basename } from 'node:path';
import type { ImageClassificationSet } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { imagePicture, type Picture } from '../explain/pictures.js';
import { ClassifierInput } from './classifier-input.js';
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

/**
 * A file, resized to what the model takes, whatever its shape, and grey where the model sees one channel.
 * @throws LegendaError when it cannot be read, or the model takes images of another kind
 */
export async function givenFile(trained: TrainedModel, path: string): Promise<GivenImage> {
  const bytes = await inputOf(trained).pixels(path);
  return { name: basename(path), ...shown(trained, bytes) };
}

const inputOf = ({ recipe, configuration }: TrainedModel): ClassifierInput =>
  new ClassifierInput({ image: recipe.image, pixelScale: configuration.pixelScale });

/** @param bytes [C, H, W] */
function shown(trained: TrainedModel, bytes: Uint8Array): Pick<GivenImage, 'picture' | 'pixels'> {
  const pixels = new Float32Array(bytes.length);
  inputOf(trained).normalise(bytes, pixels);
  const picture = imagePicture(
    Float32Array.from(bytes, (byte) => byte / 255),
    trained.recipe.image,
  );
  return { picture, pixels };
}
