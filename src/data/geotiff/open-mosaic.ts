import pLimit from 'p-limit';
import { UsageError } from '../../errors.js';
import type { RgbImage } from '../images/decode.js';
import { BlockCache } from './blocks/block-cache.js';
import { BlockReader } from './blocks/block-reader.js';
import { type GeoTags, readGeoTags } from './geodesy/geo-tags.js';
import { BlockTable } from './tiff/block-table.js';
import { readColours } from './tiff/colours.js';
import { Directory } from './tiff/directory.js';
import { readLayout } from './tiff/layout.js';
import { type NamedBytes, TiffFile } from './tiff/tiff-file.js';
import type { Window } from './windows.js';

/** An open image, of any size, that is read window by window. */
export interface Mosaic extends AsyncDisposable {
  /** The file's path, or what its bytes are called; errors name it. */
  readonly name: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What the file says of where it is on Earth; `georeferenceOf` reads it. */
  readonly geo: GeoTags;
  /**
   * Pixels of a window as 8-bit RGB. Several may be read at once; neighbours share what they decode.
   * @throws UsageError when the window is not inside the image; LegendaError naming the file and what is damaged
   */
  readWindow(window: Window): Promise<RgbImage>;
}

export interface MosaicOptions {
  /** Bytes of decoded blocks that are kept at most, for the windows that follow; 256 MiB by default. */
  readonly cacheBytes?: number;
}

/** Pixels of one window that are accepted, as of other images. */
const mostPixels = 100_000_000;
const defaultCacheBytes = 256 * 2 ** 20;
/** Kept in any case: the blocks around a corner of windows. */
const leastCacheBytes = 16 * 2 ** 20;
/** Bytes of blocks that are decoded at once, and how many of them. */
const decodingBytes = 64 * 2 ** 20;
const mostDecoding = 8;

/**
 * Opens a GeoTIFF or any other TIFF or BigTIFF: in tiles or strips, bands side by side or apart, whole numbers of 8 or 16 bits,
 * grey, RGB, palette or luma and chroma in JPEG; uncompressed or in Deflate, LZW, PackBits, JPEG, Zstandard or WebP. The first
 * image of the file is read, its overviews and masks are not, and its orientation is that of its rows, as in GDAL.
 *
 * Of 16 bits the upper ones are taken; one band is repeated; bands beyond red, green and blue are dropped but for alpha, which
 * shows black, as do pixels whose colours all have the value of GDAL_NODATA and blocks that the file leaves out.
 *
 * Memory is bounded whatever the image's size: blocks that a window meets are decoded, and kept up to a limit, which is as
 * much as one row of windows needs where that is less. In strips, which are as wide as the image, a block is so decoded once, or
 * as often as the limit fits into a row of windows. A block of more than 128 MiB is refused unless it is uncompressed.
 * @param source a file's path, or its bytes
 * @throws LegendaError naming the file: missing, a folder, not a TIFF, cut short, of a kind that is not read
 */
export async function openMosaic(source: string | NamedBytes, options: MosaicOptions = {}): Promise<Mosaic> {
  const { cacheBytes = defaultCacheBytes } = options;
  const file = await TiffFile.open(source);
  try {
    const directory = await Directory.read(file);
    const layout = await readLayout(directory);
    const colours = await readColours(directory, layout);
    const blocks = new BlockReader(file, layout, colours, await BlockTable.open(directory, layout));
    const { width, height } = layout;
    const windows = new WindowReader({ width, height }, blocks, cacheBytes);
    return {
      name: file.name,
      width,
      height,
      geo: await readGeoTags(directory),
      readWindow: (window) => windows.read(window),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

class WindowReader {
  readonly #size: Pick<Window, 'width' | 'height'>;
  readonly #blocks: BlockReader;
  readonly #mostCached: number;
  readonly #cache = new BlockCache();
  readonly #decoding: ReturnType<typeof pLimit>;

  constructor(size: Pick<Window, 'width' | 'height'>, blocks: BlockReader, mostCached: number) {
    this.#size = size;
    this.#blocks = blocks;
    this.#mostCached = mostCached;
    this.#decoding = pLimit(Math.max(1, Math.min(mostDecoding, Math.floor(decodingBytes / blocks.blockBytes))));
  }

  async read(window: Window): Promise<RgbImage> {
    this.#check(window);
    const blocks = this.#blocks;
    const { x, y, width, height } = window;
    const [first, last] = [Math.floor(x / blocks.width), Math.floor((x + width - 1) / blocks.width)];
    const [top, bottom] = [blocks.rowAt(y), blocks.rowAt(y + height - 1)];
    const across = Math.ceil(this.#size.width / blocks.width);
    const needed = 3 * blocks.width * across * (blocks.top(bottom) + blocks.rows(bottom) - blocks.top(top));
    const cache = this.#cache;
    cache.limit = Math.min(this.#mostCached, Math.max(cache.limit, needed, leastCacheBytes));
    cache.nextRound();
    const pixels = new Uint8Array(3 * width * height);
    const places = placesIn(top, bottom, first, last);
    const failures: { readonly row: number; readonly column: number; readonly error: unknown }[] = [];
    const copyAll = async (): Promise<void> => {
      for (const [row, column] of places)
        await this.#copy(column, row, window, pixels).catch((error) => failures.push({ row, column, error }));
    };
    await Promise.all(Array.from({ length: mostDecoding }, copyAll));
    // of several that are damaged the first, whichever was decoded first
    const [failure] = failures.sort((a, b) => a.row - b.row || a.column - b.column);
    if (failure !== undefined) throw failure.error;
    return { width, height, pixels };
  }

  /** Copies the part of a block that is in a window. */
  async #copy(column: number, row: number, { x, y, width, height }: Window, pixels: Uint8Array): Promise<void> {
    const blocks = this.#blocks;
    const rows = blocks.rows(row);
    const [left, top] = [column * blocks.width, blocks.top(row)];
    const bytes = 3 * blocks.width * rows;
    const decode = () => this.#decoding(() => blocks.read(column, row));
    const block = await this.#cache.get(`${column} ${row}`, bytes, decode);
    const [from, to] = [Math.max(x, left), Math.min(x + width, left + blocks.width)];
    for (let line = Math.max(y, top); line < Math.min(y + height, top + rows); line++) {
      const at = 3 * ((line - top) * blocks.width + from - left);
      pixels.set(block.subarray(at, at + 3 * (to - from)), 3 * ((line - y) * width + from - x));
    }
  }

  #check({ x, y, width, height }: Window): void {
    const whole = [x, y, width, height].every((value) => Number.isSafeInteger(value) && value >= 0);
    const inside = x + width <= this.#size.width && y + height <= this.#size.height;
    if (!whole || !inside || width === 0 || height === 0) {
      const image = `the image of ${this.#size.width}×${this.#size.height}`;
      throw new UsageError(`a window inside ${image} was expected, ${width}×${height} at ${x}, ${y} came`);
    }
    if (width * height <= mostPixels) return;
    throw new UsageError(`a window of at most ${mostPixels} pixels was expected, one of ${width}×${height} came`);
  }
}

function* placesIn(top: number, bottom: number, first: number, last: number): Generator<readonly [number, number]> {
  for (let row = top; row <= bottom; row++) for (let column = first; column <= last; column++) yield [row, column];
}
