import { decodeByBeam } from '../decode/beam.js';
import { DecoderSession } from '../decode/decoder-session.js';
import type { DecodedCaption, WordSource } from '../decode/word-source.js';
import { imagesAtOnce, type Writing, writeCaptions } from '../decode/write-captions.js';
import { Encoder } from '../encode/encoder.js';
import type { Runtime } from '../runtime/session.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { TrainedCaptioner } from './open-captioner.js';
import { writingOf } from './prepare-captioner.js';
import { encoderFile } from './trained-encoder.js';

/** A caption as people read it. */
export interface WrittenCaption extends DecodedCaption {
  readonly text: string;
}

export interface CaptionWriterOptions {
  readonly runtime: Runtime;
  /** How captions are written; as the configuration has it when left out. */
  readonly writing?: Writing;
  /** Images at once; 32 by default, fewer with a beam. */
  readonly batch?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A trained captioner, compiled for so many images at once. */
export class CaptionWriter implements AsyncDisposable {
  readonly batch: number;
  readonly writing: Writing;
  readonly #trained: TrainedCaptioner;
  readonly #encoder: Encoder | undefined;
  readonly #session: DecoderSession;

  private constructor(
    trained: TrainedCaptioner,
    writing: Writing,
    encoder: Encoder | undefined,
    session: DecoderSession,
  ) {
    this.batch = session.images;
    this.writing = writing;
    this.#trained = trained;
    this.#encoder = encoder;
    this.#session = session;
  }

  /** @throws UsageError when an option is out of range; LegendaError when the encoder cannot be read */
  static async open(trained: TrainedCaptioner, options: CaptionWriterOptions): Promise<CaptionWriter> {
    const { network, preprocessing, configuration } = trained;
    const {
      runtime,
      writing = writingOf(configuration),
      batch = Math.min(32, imagesAtOnce(writing)),
      signal,
    } = options;
    const { encoder: file, features, fineTune } = configuration;
    const named = features === null ? {} : { features };
    const found = file === null || fineTune ? undefined : await encoderFile(file, signal && { signal });
    const encoder = found && (await Encoder.open(runtime, found.path, { ...named, ...found, preprocessing, batch }));
    const { side } = preprocessing;
    const shape = encoder ? [batch, ...encoder.shape] : [batch, 3, side, side];
    try {
      const images = { dtype: 'float32', shape } as const;
      const session = await DecoderSession.compile(runtime, network, { images, rowsPerImage: writing.beam });
      return new CaptionWriter(trained, writing, encoder, session);
    } catch (error) {
      await encoder?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Looks at images. One batch at a time: the next one takes over the memory.
   * @param pixels [batch, 3, side, side], as the preprocessing says; zeros where there are fewer images
   */
  async look(pixels: Float32Array): Promise<WordSource> {
    const { preprocessing, parameters } = this.#trained;
    const { side } = preprocessing;
    const seen: Tensor = this.#encoder
      ? tensor('float32', [this.batch, ...this.#encoder.shape], await this.#encoder.encode(pixels))
      : tensor('float32', [this.batch, 3, side, side], pixels);
    return this.#session.look(seen, parameters);
  }

  /**
   * @param source what `look` gave
   * @param count images that are there, the first of the batch
   * @param best captions an image, at most the beam; more than one are the likeliest, the best first
   * @returns for each image its captions
   * @throws UsageError when `best` is out of range
   */
  async write(source: WordSource, count: number, best = 1): Promise<(readonly WrittenCaption[])[]> {
    const { vocabulary } = this.#trained;
    const captions: readonly (readonly DecodedCaption[])[] =
      best === 1
        ? (await writeCaptions(source, count, this.writing)).map((caption) => [caption])
        : await decodeByBeam(source, count, { ...this.writing, best });
    return captions.map((own) =>
      own.map((caption) => ({ ...caption, text: vocabulary.decode(caption.words).join(' ') })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#encoder?.[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }
}
