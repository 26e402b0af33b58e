import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import sharp from 'sharp';
import type { Layout } from '../tiff/layout.js';
import { undoDifferences } from './differences.js';
import { decodeJpeg } from './jpeg.js';
import { unpackLzw } from './lzw.js';
import { unpackBits } from './pack-bits.js';
import { unpackZstandard } from './zstandard.js';

const inflateAsync = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);

/**
 * Samples of a block, never more than its size says: what is packed may claim or become anything.
 *
 * geotiff.js's decoders are not used but for Zstandard: they unpack without bound and in JavaScript's arrays, and zlib and
 * libjpeg are here anyway.
 * @param packed the block's bytes in the file
 * @param rows rows that it has
 * @returns [rows, width, bands], or one band where each has blocks of its own; 16 bits in the file's byte order
 * @throws Error where it is damaged or too short
 */
export async function decodeBlock(packed: Uint8Array, layout: Layout, rows: number): Promise<Uint8Array> {
  const { blockWidth: width, bits, littleEndian } = layout;
  const bands = layout.planar ? 1 : layout.bands;
  const length = (width * rows * bands * bits) / 8;
  const samples = await unpack(packed, layout, { width, rows, bands, length });
  if (samples.length < length) throw new Error(`it has ${samples.length} bytes of ${length}`);
  const whole = samples.subarray(0, length);
  if (layout.differences) undoDifferences(whole, { width, bands, bits, littleEndian });
  return whole;
}

interface Expected {
  readonly width: number;
  readonly rows: number;
  readonly bands: number;
  readonly length: number;
}

async function unpack(packed: Uint8Array, layout: Layout, expected: Expected): Promise<Uint8Array> {
  const { length } = expected;
  switch (layout.compression) {
    case 'none':
      return packed;
    case 'Deflate':
      // Some programs fill the last strip up.
      return inflateAsync(packed, { maxOutputLength: (length / expected.rows) * layout.blockHeight });
    case 'LZW':
      return unpackLzw(packed, length);
    case 'PackBits':
      return unpackBits(packed, length);
    case 'Zstandard':
      return unpackZstandard(packed, length);
    case 'JPEG':
      return decodeJpeg(packed, {
        ...expected,
        mostRows: layout.blockHeight,
        tables: layout.jpegTables,
        ycbcr: layout.ycbcr,
      });
    case 'WebP':
      return decodeWebp(packed, expected);
  }
}

async function decodeWebp(packed: Uint8Array, { width, rows, bands }: Expected): Promise<Uint8Array> {
  const image = sharp(packed, { failOn: 'warning', limitInputPixels: width * rows });
  const { format } = await image.metadata();
  if (format !== 'webp') throw new Error(`WebP was expected, ${format} came`);
  const { data, info } = await (bands === 4 ? image.ensureAlpha() : image).raw().toBuffer({ resolveWithObject: true });
  if (info.width === width && info.height === rows && info.channels === bands) return data;
  throw new Error(
    `WebP of ${width}×${rows} with ${bands} bands was expected, ${info.width}×${info.height} with ${info.channels} came`,
  );
}
