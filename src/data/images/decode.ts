import { stat } from 'node:fs/promises';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { LegendaError } from '../../errors.js';
import { describeFileError, readFileBounded } from '../../files.js';
import { DamagedImage, reason } from './damaged-image.js';
import { type ImageFormat, sniff } from './format.js';
import { isMisread, readBands, tooManyPixels } from './read-bands.js';
import { type TiffSamples, tiffSamples } from './tiff-samples.js';

/** A decoded image. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], 8-bit sRGB. */
  readonly pixels: Uint8Array;
}

export interface ImageOptions {
  /** Images with more pixels are refused by their header, before they are decoded; 100 million by default. */
  readonly maxPixels?: number;
  /** Files with more bytes are refused; 512 MiB by default. */
  readonly maxBytes?: number;
  /** What shows through transparent pixels, red, green and blue from 0 to 255; black by default, as where a map has no data. */
  readonly background?: readonly [red: number, green: number, blue: number];
  /** What the image is called in errors; its path, or "the image", by default. */
  readonly name?: string;
}

const defaultMaxBytes = 512 * 2 ** 20;

/** A decoding that has not begun: steps may be appended to its pipeline, then `finish` runs it. */
export interface Decoding {
  /** Gives 8-bit sRGB with its orientation applied and without alpha. */
  readonly pipeline: Sharp;
  /** @throws LegendaError naming the image and what is wrong with it */
  finish(pipeline: Sharp): Promise<{ readonly data: Uint8Array; readonly info: OutputInfo }>;
}

// The cache is for repeated work on the same images; here it would only grow.
sharp.cache(false);

/**
 * Prepares the decoding of an image: from a file or its bytes, which are checked first, or of pixels.
 * @throws LegendaError naming the file that is missing, empty, too large or not an image of the formats that are read
 */
export async function prepare(source: string | Uint8Array | RgbImage, options: ImageOptions = {}): Promise<Decoding> {
  if (typeof source === 'object' && 'pixels' in source) return fromPixels(source, options);
  const { maxPixels = 100_000_000, maxBytes = defaultMaxBytes, background = [0, 0, 0] } = options;
  const name = options.name ?? (typeof source === 'string' ? source : 'the image');
  const bytes = typeof source === 'string' ? await readImageFile(source, maxBytes) : source;
  if (bytes.length > maxBytes) {
    throw new LegendaError(`${name} has ${bytes.length} bytes, more than the ${maxBytes} that are accepted`);
  }
  const { format, samples } = checkHeader(bytes, name);
  if (samples && isMisread(samples)) return fromPixels(await readBands(bytes, name, maxPixels), { name });
  // Of 'warning' and worse: libjpeg only warns when a file ends too soon, and would fill up with grey.
  const input = sharp(bytes, { failOn: 'warning', limitInputPixels: maxPixels }).autoOrient();
  const [r, g, b] = background;
  // A band such as near infrared is not alpha, though libvips takes whatever follows the colours for it.
  const dropExtra = samples && samples.bands !== 1 && samples.bands !== 3 && !samples.alpha;
  const flat = dropExtra ? input.removeAlpha() : input.flatten({ background: { r, g, b } });
  return {
    pipeline: flat.toColourspace('srgb'),
    finish: (pipeline) => finish(pipeline, (error) => explain(error, { bytes, name, format, maxPixels })),
  };
}

function fromPixels({ width, height, pixels }: RgbImage, { name = 'the image' }: ImageOptions): Decoding {
  if (pixels.length !== width * height * 3 || pixels.length === 0) {
    throw new LegendaError(
      `${name} of ${width}×${height}: ${width * height * 3} values were expected, ${pixels.length} came`,
    );
  }
  return {
    pipeline: sharp(pixels, { raw: { width, height, channels: 3 } }),
    finish: (pipeline) => finish(pipeline, async (error) => new LegendaError(`${name}: ${reason(error)}`)),
  };
}

/**
 * The bytes of an image's file. A pipe or a device would be read without end, and a folder is not what was meant.
 * @throws LegendaError naming the file that is missing, not a file, or larger than `maxBytes`
 */
export async function readImageFile(path: string, maxBytes = defaultMaxBytes): Promise<Uint8Array> {
  const found = await stat(path).catch((error) => {
    throw describeFileError(error, `cannot read ${path}`);
  });
  if (!found.isFile()) {
    throw new LegendaError(`${path} is ${found.isDirectory() ? 'a folder' : 'not a file'}, an image was expected`);
  }
  return readFileBounded(path, maxBytes);
}

function checkHeader(bytes: Uint8Array, name: string): { format: ImageFormat; samples?: TiffSamples } {
  const expected = 'an image was expected (TIFF, PNG, JPEG or WebP)';
  if (bytes.length === 0) throw new LegendaError(`${name} is empty, ${expected}`);
  const { format, what } = sniff(bytes);
  if (!format) throw new LegendaError(`${name} is ${what}, ${expected}`);
  const samples = format === 'TIFF' ? tiffSamples(bytes) : undefined;
  if (!samples) return { format };
  const { bits, unsigned } = samples;
  if (!unsigned || bits > 16) {
    const kind = unsigned ? '' : ' with sign or fraction';
    throw new LegendaError(`${name} has ${bits} bits${kind}: a TIFF of whole numbers of 8 or 16 bits was expected`);
  }
  return { format, samples };
}

async function finish(pipeline: Sharp, describe: (error: Error) => Promise<LegendaError>) {
  try {
    const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels came out`);
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), info };
  } catch (error) {
    throw await describe(error as Error);
  }
}

interface Described {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly format: ImageFormat;
  readonly maxPixels: number;
}

async function explain(error: Error, { bytes, name, format, maxPixels }: Described): Promise<LegendaError> {
  if (/pixel limit/i.test(error.message)) {
    const size = await sharp(bytes, { limitInputPixels: false })
      .metadata()
      .then(
        ({ width, height }) => `${width}×${height}`,
        () => 'more',
      );
    return tooManyPixels(`${name} is a ${format}`, size, maxPixels, error);
  }
  const compression = /(\w+) compression support is not configured/u.exec(error.message)?.[1];
  if (compression !== undefined)
    return new LegendaError(
      `${name} is compressed with ${compression}, which is not read: compress it in another way`,
      {
        cause: error,
      },
    );
  return new DamagedImage(`${name} is damaged or cut short: this ${format} cannot be decoded`, error);
}
