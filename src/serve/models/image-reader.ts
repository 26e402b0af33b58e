import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { ImageOptions } from '../../data/images/decode.js';
import { Preprocessor } from '../../data/images/preprocess.js';
import { ClassifierInput } from '../../recipes/classifier-input.js';
import type { ModelDescription } from './protocol.js';

/**
 * The bytes of an image's file → those that a model takes.
 * @param signal aborted: an image whose turn has not come is not decoded
 * @throws LegendaError when it cannot be read
 */
export type ImageReader = (file: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;

/** As many images are decoded at once as there are cores: each may take its limit of memory. */
const limit = pLimit(availableParallelism());

/** @param limits of images, which are checked before they are decoded */
export function imageReader(model: ModelDescription, limits: ImageOptions): ImageReader {
  const input =
    model.kind === 'captioner'
      ? new Preprocessor(model.preprocessing, limits)
      : new ClassifierInput(model.taken, limits);
  return (file, signal) =>
    limit(() => {
      signal.throwIfAborted();
      return input.pixels(file);
    });
}
