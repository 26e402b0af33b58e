import { DamagedImage } from '../../images/damaged-image.js';
import type { BlockTable } from '../tiff/block-table.js';
import type { Colours } from '../tiff/colours.js';
import type { Layout } from '../tiff/layout.js';
import type { TiffFile } from '../tiff/tiff-file.js';
import { decodeBlock } from './decode-block.js';
import { type Band, paint } from './paint.js';

/** Bytes of a part that an uncompressed block is read in. */
const partBytes = 2 ** 20;

/**
 * Blocks of a TIFF as RGB. A block without compression, which may be the whole image, is taken as several of a few rows each.
 */
export class BlockReader {
  /** Pixels of a block from left to right; the last one reaches over the image's edge where it is a tile. */
  readonly width: number;
  /** Rows of a block; some have fewer. */
  readonly height: number;
  readonly #file: TiffFile;
  readonly #layout: Layout;
  readonly #colours: Colours;
  readonly #table: BlockTable;
  /** Parts of a block, one below the other. */
  readonly #parts: number;

  constructor(file: TiffFile, layout: Layout, colours: Colours, table: BlockTable) {
    this.#file = file;
    this.#layout = layout;
    this.#colours = colours;
    this.#table = table;
    this.width = layout.blockWidth;
    const rows = layout.compression === 'none' ? Math.max(1, Math.floor(partBytes / this.#rowBytes)) : Infinity;
    this.height = Math.min(rows, layout.blockHeight);
    this.#parts = Math.ceil(layout.blockHeight / this.height);
  }

  /** Bytes of a block's row as it is in the file, unpacked. */
  get #rowBytes(): number {
    const { blockWidth, bands, planar, bits } = this.#layout;
    return (blockWidth * (planar ? 1 : bands) * bits) / 8;
  }

  /** Bytes of memory that decoding a block takes at once, roughly. */
  get blockBytes(): number {
    return this.height * (2 * this.#rowBytes * this.#planes.length + 3 * this.width);
  }

  /** The number of the row of blocks that a row of pixels is in. */
  rowAt(y: number): number {
    const { blockHeight } = this.#layout;
    const block = Math.floor(y / blockHeight);
    return block * this.#parts + Math.floor((y - block * blockHeight) / this.height);
  }

  /** The first row of pixels of a row of blocks. */
  top(row: number): number {
    return Math.floor(row / this.#parts) * this.#layout.blockHeight + (row % this.#parts) * this.height;
  }

  /** How many rows of pixels a row of blocks has. */
  rows(row: number): number {
    const block = this.#table.rows(Math.floor(row / this.#parts));
    return Math.min(this.height, block - (row % this.#parts) * this.height);
  }

  /**
   * A block.
   * @returns [rows, width, 3]; black where the file leaves it out
   * @throws LegendaError naming the file and the block that is damaged
   */
  async read(column: number, row: number): Promise<Uint8Array> {
    const rows = this.rows(row);
    const pixels = this.width * rows;
    const planes: (Uint8Array | undefined)[] = [];
    for (const plane of this.#planes) planes.push(await this.#samples(column, row, plane));
    if (planes.some((samples) => !samples)) return new Uint8Array(3 * pixels);
    const { bands, planar, bits } = this.#layout;
    const bytes = bits / 8;
    const band = (number: number): Band =>
      planar
        ? { samples: planes[this.#planes.indexOf(number)]!, start: 0, step: bytes }
        : { samples: planes[0]!, start: number * bytes, step: bands * bytes };
    const { bands: colours, alpha } = this.#colours;
    return paint(pixels, colours.map(band), alpha && band(alpha.band), this.#layout, this.#colours);
  }

  /** Bands that are read, where each has blocks of its own. */
  get #planes(): readonly number[] {
    const { bands, alpha } = this.#colours;
    return this.#layout.planar ? [...bands, ...(alpha ? [alpha.band] : [])] : [0];
  }

  async #samples(column: number, row: number, plane: number): Promise<Uint8Array | undefined> {
    const block = Math.floor(row / this.#parts);
    const place = await this.#table.place(column, block, plane);
    if (!place) return undefined;
    const what = `the block at ${column * this.width}, ${this.top(row)}`;
    const rows = this.rows(row);
    const skipped = (row % this.#parts) * this.height * this.#rowBytes;
    const bytes = this.#layout.compression === 'none' ? rows * this.#rowBytes : place.bytes;
    const packed = await this.#file.read(place.offset + skipped, bytes, what);
    try {
      return await decodeBlock(packed, this.#layout, rows);
    } catch (error) {
      throw new DamagedImage(`${this.#file.name} is damaged: ${what} cannot be decoded`, error as Error);
    }
  }
}
