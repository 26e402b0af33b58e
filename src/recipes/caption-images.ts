import { Preprocessor } from '../data/images/preprocess.js';
import { readAhead } from '../data/images/read-ahead.js';
import { decodeByBeam } from '../decode/beam.js';
import { DecoderSession } from '../decode/decoder-session.js';
import type { DecodedCaption, WordSource } from '../decode/word-source.js';
import { imagesAtOnce, type Writing, writeCaptions } from '../decode/write-captions.js';
import { Encoder } from '../encode/encoder.js';
import type { LegendaError } from '../errors.js';
import type { Runtime } from '../runtime/session.js';
import { tensor } from '../tensor/tensor.js';
import type { TrainedCaptioner } from './open-captioner.js';
import { writingOf } from './prepare-captioner.js';
import { encoderFile } from './trained-encoder.js';

export interface CaptionImagesOptions {
  readonly runtime: Runtime;
  /** How captions are written; as the configuration has it when left out. */
  readonly writing?: Writing;
  /** Captions an image, at most the beam; 1 by default. More than one are the likeliest. */
  readonly best?: number;
  /** Images at once; 32 by default, fewer with a beam. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called after each phase of a batch with the time it took; reading goes on beside the others, so only waiting counts. */
  readonly onPhase?: (phase: Phase, seconds: number) => void;
}

/** Where the time goes: decoding files; the encoder and the first look; writing words. */
export type Phase = 'reading' | 'encoding' | 'decoding';

/** What was said of an image, or why nothing was. */
export type ImageCaptions =
  | { readonly path: string; readonly captions: readonly (DecodedCaption & { readonly text: string })[] }
  | { readonly path: string; readonly error: LegendaError };

/**
 * Captions image files, in order; twice as many as are captioned at once are in memory. One that cannot be read does not stop the
 * others.
 * @throws UsageError when an option is out of range; LegendaError when the encoder cannot be read
 */
export async function* captionImages(
  { network, vocabulary, parameters, preprocessing, configuration }: TrainedCaptioner,
  paths: readonly string[],
  {
    runtime,
    writing = writingOf(configuration),
    best = 1,
    batch = Math.min(32, imagesAtOnce(writing)),
    signal,
    onPhase,
  }: CaptionImagesOptions,
): AsyncGenerator<ImageCaptions> {
  const preprocessor = new Preprocessor(preprocessing);
  const { side } = preprocessing;
  const { encoder: file, features, fineTune } = configuration;
  const named = features === null ? {} : { features };
  const found = file === null || fineTune ? undefined : await encoderFile(file, signal && { signal });
  await using encoder =
    found && (await Encoder.open(runtime, found.path, { ...named, ...found, preprocessing, batch }));
  const shape = encoder ? [batch, ...encoder.shape] : [batch, 3, side, side];
  const images = { dtype: 'float32', shape } as const;
  await using session = await DecoderSession.compile(runtime, network, { images, rowsPerImage: writing.beam });
  let since = performance.now();
  const spent = (phase: Phase): void => {
    const now = performance.now();
    onPhase?.(phase, (now - since) / 1000);
    since = now;
  };
  for await (const { sources, pixels, errors } of readAhead(preprocessor, paths, batch)) {
    signal?.throwIfAborted();
    spent('reading');
    const seen = encoder ? await encoder.encode(pixels) : pixels;
    const source = await session.look(tensor('float32', shape, seen), parameters);
    spent('encoding');
    const written = await write(source, sources.length, writing, best);
    spent('decoding');
    for (const [i, path] of sources.entries()) {
      const error = errors[i];
      if (error) yield { path, error };
      else {
        const captions = written[i]!.map((caption) => ({
          ...caption,
          text: vocabulary.decode(caption.words).join(' '),
        }));
        yield { path, captions };
      }
    }
  }
}

async function write(
  source: WordSource,
  count: number,
  writing: Writing,
  best: number,
): Promise<(readonly DecodedCaption[])[]> {
  if (best !== 1) return decodeByBeam(source, count, { ...writing, best });
  return (await writeCaptions(source, count, writing)).map((caption) => [caption]);
}
