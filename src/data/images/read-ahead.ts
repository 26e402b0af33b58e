import type { LegendaError } from '../../errors.js';
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
  const read = async (from: number): Promise<ReadBatch<Source>> => {
    const some = sources.slice(from, from + batch);
    const pixels = buffers[(from / batch) % 2]!;
    return { sources: some, pixels, errors: await preprocessor.writeAll(some, pixels) };
  };
  if (sources.length === 0) return;
  let next = read(0);
  for (let from = 0; from < sources.length; from += batch) {
    const current = await next;
    if (from + batch < sources.length) {
      next = read(from + batch);
      // heard when it is its turn, or not at all when nobody asks any more
      next.catch(() => {});
    }
    yield current;
  }
}
