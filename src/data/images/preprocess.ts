import { z } from 'zod';
import { LegendaError, UsageError } from '../../errors.js';
import { pixelTables } from '../pixels.js';
import { type ImageOptions, prepare, type RgbImage } from './decode.js';

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** What an encoder was trained to see. */
export const preprocessing = z.strictObject({
  /** Height and width of its input, in pixels. */
  side: z.int().min(1).max(4096),
  /** `squash`: both sides to `side`, whatever the image's shape; `crop`: the shorter side to `side`, then the centre. */
  fit: z.enum(['squash', 'crop']),
  /** Of red, green and blue in [0, 1]: taken away. */
  mean: perChannel,
  /** Divided by, after the mean is taken away. */
  std: perChannel.refine((values) => values.every((value) => value > 0), 'three numbers above 0 are expected'),
});

export type Preprocessing = z.output<typeof preprocessing>;

/** ImageNet's, for most encoders that were trained on it (torchvision's models, the ONNX model zoo's). */
export const imageNet: Preprocessing = {
  side: 224,
  fit: 'crop',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/**
 * How images are resized: libvips's `linear` kernel, widened when an image shrinks (so antialiased, as Pillow and torchvision
 * do), after shrink-on-load where a JPEG or WebP is more than twice too large. Features depend on it: it stands in their key.
 */
export const resampling = 'libvips linear';

/** A file's path, its bytes, or pixels. */
export type ImageSource = string | Uint8Array | RgbImage;

/** Writes images as an encoder's input. */
export class Preprocessor {
  readonly preprocessing: Preprocessing;
  /** Values an image: 3 · side · side. */
  readonly size: number;
  readonly #tables: readonly Float32Array[];
  readonly #options: ImageOptions;

  /** @param options limits and background of images that are decoded */
  constructor(preprocessing: Preprocessing, options: ImageOptions = {}) {
    const { side, mean, std } = preprocessing;
    this.preprocessing = preprocessing;
    this.size = 3 * side * side;
    this.#tables = pixelTables(3, { scale: 1 / 255, mean, std });
    this.#options = options;
  }

  /**
   * Decodes, resizes and normalises one image, writing [3, side, side] (red, green, blue) from `offset` on.
   * @throws LegendaError as `readRgb`'s; `into` is untouched then
   */
  async write(source: ImageSource, into: Float32Array, offset = 0): Promise<void> {
    if (offset < 0 || offset + this.size > into.length) {
      throw new UsageError(`an image needs ${this.size} values from ${offset} on, the buffer has ${into.length}`);
    }
    this.normalise(await this.pixels(source), into, offset);
  }

  /**
   * Decodes and resizes one image: red, green and blue as bytes, [side, side, 3], a quarter of what normalised values take.
   * @throws LegendaError as `readRgb`'s
   */
  async pixels(source: ImageSource): Promise<Uint8Array> {
    const { side, fit } = this.preprocessing;
    const { pipeline, finish } = await prepare(source, this.#options);
    const resized = pipeline.resize(side, side, { fit: fit === 'crop' ? 'cover' : 'fill', kernel: 'linear' });
    return (await finish(resized)).data;
  }

  /** Bytes of an image as `pixels` gives them → [3, side, side], from `offset` on. */
  normalise(pixels: Uint8Array, into: Float32Array, offset = 0): void {
    toPlanes(pixels, into, offset, this.#tables);
  }

  /**
   * Writes images one after another from the buffer's start, side by side in sharp's threads; as many files are in memory as
   * there are sources.
   * @returns for each source what was wrong with it, undefined where nothing was; a slot whose image failed holds zeros
   */
  async writeAll(sources: readonly ImageSource[], into: Float32Array): Promise<(LegendaError | undefined)[]> {
    const results = await Promise.allSettled(sources.map((source, i) => this.write(source, into, i * this.size)));
    return results.map((result, i) => {
      if (result.status === 'fulfilled') return undefined;
      if (!(result.reason instanceof LegendaError) || result.reason instanceof UsageError) throw result.reason;
      into.fill(0, i * this.size, (i + 1) * this.size);
      return result.reason;
    });
  }
}

/** [h, w, 3] bytes → [3, h, w] numbers. */
function toPlanes(pixels: Uint8Array, into: Float32Array, offset: number, tables: readonly Float32Array[]): void {
  const plane = pixels.length / 3;
  const [red, green, blue] = tables as [Float32Array, Float32Array, Float32Array];
  for (let i = 0, from = 0, to = offset; i < plane; i++, from += 3, to++) {
    into[to] = red[pixels[from]!]!;
    into[to + plane] = green[pixels[from + 1]!]!;
    into[to + 2 * plane] = blue[pixels[from + 2]!]!;
  }
}
