import { createHash } from 'node:crypto';
import { readImageFile } from '../data/images/decode.js';
import { Preprocessor } from '../data/images/preprocess.js';
import { LegendaError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';
import type { Encoder } from './encoder.js';
import type { FeatureStore } from './feature-store.js';

export interface EncodeOptions {
  readonly signal?: AbortSignal;
  /** @param done images that have been read */
  readonly onProgress?: (done: number, total: number) => void;
}

const maxBytes = 256 * 2 ** 20;

/** What came of images: the digest of each under which the store has its features, or why it has none. */
export type EncodedImage = { readonly digest: string } | { readonly error: LegendaError };

/**
 * Computes the features of image files that the store does not have yet. An image that cannot be read does not stop the
 * others.
 * @param paths of the files, in any number: as many as the encoder takes at once are in memory
 * @throws LegendaError when the store cannot be written, or the encoder fails
 */
export async function encodeImages(
  encoder: Encoder,
  store: FeatureStore,
  paths: readonly string[],
  { signal, onProgress }: EncodeOptions = {},
): Promise<EncodedImage[]> {
  const preprocessor = new Preprocessor(encoder.preprocessing);
  const pixels = new Float32Array(encoder.batch * preprocessor.size);
  const width = sizeOf(encoder.shape);
  const encoded: EncodedImage[] = [];
  for (let from = 0; from < paths.length; from += encoder.batch) {
    signal?.throwIfAborted();
    const read = await Promise.all(paths.slice(from, from + encoder.batch).map(readImage));
    const missing = read.flatMap((image) => ('bytes' in image && !store.has(image.digest) ? [image] : []));
    const errors =
      missing.length === 0
        ? []
        : await preprocessor.writeAll(
            missing.map(({ bytes }) => bytes),
            pixels,
          );
    if (errors.includes(undefined)) {
      const features = await encoder.encode(pixels);
      for (const [i, { digest }] of missing.entries())
        if (errors[i] === undefined) store.add(digest, features.subarray(i * width, (i + 1) * width));
    }
    for (const image of read) {
      const error = 'bytes' in image ? errors[missing.indexOf(image)] : image.error;
      if (error === undefined && 'bytes' in image) encoded.push({ digest: image.digest });
      else encoded.push({ error: naming(image.path, error!) });
    }
    onProgress?.(encoded.length, paths.length);
  }
  return encoded;
}

type ReadImage =
  | { readonly path: string; readonly bytes: Uint8Array; readonly digest: string }
  | { readonly path: string; readonly error: LegendaError };

async function readImage(path: string): Promise<ReadImage> {
  try {
    const bytes = await readImageFile(path, maxBytes);
    return { path, bytes, digest: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    if (error instanceof LegendaError) return { path, error };
    throw error;
  }
}

const naming = (path: string, error: LegendaError): LegendaError =>
  error.message.includes(path) ? error : new LegendaError(`${path}: ${error.message}`, { cause: error });
