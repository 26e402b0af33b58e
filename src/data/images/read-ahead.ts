import type { LegendaError } from '../../errors.js';
import { ahead } from '../ahead.js';
import type { ImageSource, Preprocessor } from './preprocess.js';

/** Images that have been read, as an encoder takes them. */
export interface ReadBatch<Source extends ImageSource> {
  readonly sources: readonly Source[];
  /** One image behind the other; of those that failed, zeros. Overwritten by the batch after the next. */
  readonly pixels: Float32Array;
  /** By image, what was wrong with it. */
  readonly errors: readonly (LegendaError | undefined)[];
}

/**
 * Reads images in batches, the next one while the last is worked on: sharp's threads have time while ONNX Runtime keeps this one
 * busy. Two batches are in memory.
 */
export async function* readAhead<Source extends ImageSource>(
  preprocessor: Preprocessor,
  sources: readonly Source[],
  batch: number,
): AsyncGenerator<ReadBatch<Source>> {
  const buffers = [0, 1].map(() => new Float32Array(batch * preprocessor.size));
  yield* ahead(sources, batch, async (some, place) => {
    const pixels = buffers[place]!;
    return { sources: some, pixels, errors: await preprocessor.writeAll(some, pixels) };
  });
}
