import type { Directory } from './directory.js';

/** How the samples of a TIFF lie in its file. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Size of a tile or strip in pixels. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly tiled: boolean;
  readonly compression: Compression;
  /** Whether samples are differences to those on their left. */
  readonly differences: boolean;
  readonly bits: 8 | 16;
  readonly littleEndian: boolean;
  readonly bands: number;
  /** Whether every band has blocks of its own. */
  readonly planar: boolean;
  /** Whether the JPEG data in the blocks are luma and chroma. */
  readonly ycbcr: boolean;
  /** Tables that the JPEG data in all blocks share. */
  readonly jpegTables: Uint8Array | undefined;
}

export type Compression = 'none' | 'LZW' | 'JPEG' | 'Deflate' | 'PackBits' | 'Zstandard' | 'WebP';

const compressions: Readonly<Record<number, Compression>> = {
  1: 'none',
  5: 'LZW',
  7: 'JPEG',
  8: 'Deflate',
  32773: 'PackBits',
  32946: 'Deflate',
  50000: 'Zstandard',
  50001: 'WebP',
};

const otherCompressions: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT',
  4: 'CCITT',
  6: 'JPEG of TIFF 6.0',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50002: 'JPEG XL',
};

/** Bytes of a block's samples that are accepted: they are in memory several times while the block is decoded. */
const mostBlockBytes = 128 * 2 ** 20;

const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  planarConfiguration: 284,
  predictor: 317,
  tileWidth: 322,
  tileLength: 323,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

/**
 * Reads how a TIFF is laid out, and checks that it is one of the ways that are read.
 * @throws LegendaError naming the file and what is not read
 */
export async function readLayout(directory: Directory): Promise<Layout> {
  const { file } = directory;
  const value = (name: keyof typeof tags) => directory.value(tags[name], name);
  const side = async (name: keyof typeof tags): Promise<number> => {
    const length = await value(name);
    if (length !== undefined && length >= 1 && length <= 2 ** 31) return length;
    throw file.damaged(`${name}: a number from 1 to ${2 ** 31} was expected, ${length ?? 'none'} came`);
  };
  const width = await side('width');
  const height = await side('height');
  const bands = (await value('samplesPerPixel')) ?? 1;
  if (bands < 1) throw file.damaged('it has no bands');
  const bits = await readBits(directory, bands);
  const tiled = directory.count(tags.tileWidth) > 0;
  const blockWidth = tiled ? await side('tileWidth') : width;
  const blockHeight = tiled ? await side('tileLength') : Math.min((await value('rowsPerStrip')) || height, height);
  const compression = await readCompression(directory);
  const planar = bands > 1 && (await value('planarConfiguration')) === 2;
  const ycbcr = (await value('photometric')) === 6;
  const differences = await readDifferences(directory, compression);
  const rows = compression === 'none' ? 1 : blockHeight;
  const bytes = (blockWidth * rows * (planar ? 1 : bands) * bits) / 8;
  if (bytes > mostBlockBytes) {
    const block = `blocks of ${blockWidth}×${rows} pixels of ${bytes} bytes`;
    throw file.refused(
      `blocks of at most ${mostBlockBytes} bytes are read, this TIFF claims ${block}; gdal_translate -co TILED=YES makes smaller ones`,
    );
  }
  const imageCodec = compression === 'JPEG' || compression === 'WebP';
  if (imageCodec && (bits !== 8 || (!planar && bands > 4) || (compression === 'WebP' && (planar || bands < 3)))) {
    const came = `${bands} bands of ${bits} bits${planar ? ' apart' : ''}`;
    throw file.refused(`${compression} of up to four bands of 8 bits side by side is read, ${came} came`);
  }
  if (ycbcr && (compression !== 'JPEG' || planar || bands !== 3)) {
    throw file.refused('luma and chroma (YCbCr) are read as JPEG of three bands alone, another kind came');
  }
  if (((await value('fillOrder')) ?? 1) !== 1) throw file.refused('bits in reverse order (FillOrder 2) are not read');
  const tables = await directory.values(tags.jpegTables, 'the JPEG tables', 65_536);
  return {
    width,
    height,
    blockWidth,
    blockHeight,
    tiled,
    compression,
    differences,
    bits,
    littleEndian: directory.littleEndian,
    bands,
    planar,
    ycbcr,
    jpegTables: tables.length > 0 ? Uint8Array.from(tables) : undefined,
  };
}

async function readBits(directory: Directory, bands: number): Promise<8 | 16> {
  const all = await directory.values(tags.bitsPerSample, 'bitsPerSample', 65_536);
  const formats = await directory.values(tags.sampleFormat, 'sampleFormat', 65_536);
  const [bits = 1] = all;
  const [format = 1] = formats;
  const unsigned = format === 1 || format === 4;
  const same = (values: readonly number[]): boolean => values.slice(0, bands).every((value) => value === values[0]);
  if (unsigned && (bits === 8 || bits === 16) && same(all) && same(formats)) return bits;
  const kind = unsigned ? '' : format === 2 ? ' with sign' : format === 3 ? ' of floating point' : ' of another kind';
  const came = same(all) && same(formats) ? `${bits} bits${kind}` : 'bands of several kinds';
  throw directory.file.refused(`whole numbers of 8 or 16 bits were expected, this TIFF has ${came}`);
}

async function readCompression(directory: Directory): Promise<Compression> {
  const code = (await directory.value(tags.compression, 'compression')) ?? 1;
  const compression = compressions[code];
  if (compression) return compression;
  const known = [...new Set(Object.values(compressions))].join(', ');
  throw directory.file.refused(
    `compression: one of ${known} was expected, ${otherCompressions[code] ?? `number ${code}`} came`,
  );
}

async function readDifferences(directory: Directory, compression: Compression): Promise<boolean> {
  // libtiff heeds it for these alone
  if (!['LZW', 'Deflate', 'Zstandard'].includes(compression)) return false;
  const predictor = (await directory.value(tags.predictor, 'predictor')) ?? 1;
  if (predictor === 1 || predictor === 2) return predictor === 2;
  throw directory.file.refused(`predictor: 1 or 2 was expected, ${predictor} came`);
}
