import type { ImageOptions } from '../data/images/decode.js';
import { type ImageSource, Preprocessor } from '../data/images/preprocess.js';
import { pixelTables } from '../data/pixels.js';
import { LegendaError } from '../errors.js';
import type { Shape } from '../tensor/shape.js';

/** What the eye makes of red, green and blue (ITU-R BT.601). */
const luminance = [0.299, 0.587, 0.114] as const;

/** The images that a classifier takes. */
export interface TakenImages {
  /** Channels, height and width. */
  readonly image: Shape;
  /** What a byte is multiplied by. */
  readonly pixelScale: number;
}

/** Makes of any image what a classifier takes. */
export class ClassifierInput {
  /** Values an image: channels · height · width. */
  readonly size: number;
  readonly #channels: number;
  readonly #preprocessor: Preprocessor;
  readonly #tables: readonly Float32Array[];

  /**
   * @param image channels, height and width
   * @param options limits of images that are decoded
   * @throws LegendaError when the model takes images that no file is like
   */
  constructor({ image, pixelScale }: TakenImages, options: ImageOptions = {}) {
    const [channels, height, width] = image as [number, number, number];
    if (height !== width || (channels !== 1 && channels !== 3))
      throw new LegendaError(`the classifier takes images of ${image.join('×')}: a file is no such`);
    this.size = channels * height * width;
    this.#channels = channels;
    this.#preprocessor = new Preprocessor({ side: height, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] }, options);
    this.#tables = pixelTables(channels, { scale: pixelScale });
  }

  /**
   * An image resized to what the model takes, whatever its shape, and grey where the model sees one channel.
   * @returns [channels, height, width]
   * @throws LegendaError when it cannot be read
   */
  async pixels(source: ImageSource): Promise<Uint8Array> {
    const rgb = await this.#preprocessor.pixels(source);
    const plane = this.size / this.#channels;
    return Uint8Array.from({ length: this.size }, (_, i) => {
      const at = 3 * (i % plane);
      if (this.#channels === 3) return rgb[at + Math.floor(i / plane)]!;
      return Math.round(luminance.reduce((sum, weight, channel) => sum + weight * rgb[at + channel]!, 0));
    });
  }

  /** Bytes as `pixels` gives them → what the model was taught with, from `offset` on. */
  normalise(pixels: Uint8Array, into: Float32Array, offset = 0): void {
    const plane = this.size / this.#channels;
    for (const [i, byte] of pixels.entries()) into[offset + i] = this.#tables[Math.floor(i / plane)]![byte]!;
  }
}
