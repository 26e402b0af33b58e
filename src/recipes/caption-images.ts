import { Preprocessor } from '../data/images/preprocess.js';
import { readAhead } from '../data/images/read-ahead.js';
import type { LegendaError } from '../errors.js';
import { CaptionWriter, type CaptionWriterOptions, type WrittenCaption } from './caption-writer.js';
import type { TrainedCaptioner } from './open-captioner.js';

export interface CaptionImagesOptions extends CaptionWriterOptions {
  /** Captions an image, at most the beam; 1 by default. More than one are the likeliest. */
  readonly best?: number;
  /** Called after each phase of a batch with the time it took; reading goes on beside the others, so only waiting counts. */
  readonly onPhase?: (phase: Phase, seconds: number) => void;
}

/** Where the time goes: decoding files; the encoder and the first look; writing words. */
export type Phase = 'reading' | 'encoding' | 'decoding';

/** What was said of an image, or why nothing was. */
export type ImageCaptions =
  | { readonly path: string; readonly captions: readonly WrittenCaption[] }
  | { readonly path: string; readonly error: LegendaError };

/**
 * Captions image files, in order; twice as many as are captioned at once are in memory. One that cannot be read does not stop the
 * others.
 * @throws UsageError when an option is out of range; LegendaError when the encoder cannot be read
 */
export async function* captionImages(
  trained: TrainedCaptioner,
  paths: readonly string[],
  { best = 1, onPhase, ...options }: CaptionImagesOptions,
): AsyncGenerator<ImageCaptions> {
  await using writer = await CaptionWriter.open(trained, options);
  let since = performance.now();
  const spent = (phase: Phase): void => {
    const now = performance.now();
    onPhase?.(phase, (now - since) / 1000);
    since = now;
  };
  const preprocessor = new Preprocessor(trained.preprocessing);
  for await (const { sources, pixels, errors } of readAhead(preprocessor, paths, writer.batch)) {
    options.signal?.throwIfAborted();
    spent('reading');
    const source = await writer.look(pixels);
    spent('encoding');
    const written = await writer.write(source, sources.length, best);
    spent('decoding');
    for (const [i, path] of sources.entries()) {
      const error = errors[i];
      yield error ? { path, error } : { path, captions: written[i]! };
    }
  }
}
