import type { Directory } from './directory.js';
import type { Layout } from './layout.js';

/** Where a block's bytes are; undefined where the file leaves it out, as there is nothing in it. */
export type BlockPlace = { readonly offset: number; readonly bytes: number } | undefined;

/** Values that are read at once, and how many such pages of a table are kept. */
const pageLength = 4096;
const keptPages = 16;

/** Blocks up to which all places are checked when a file is opened. */
const checkedBlocks = 2 ** 20;

/** Places of a TIFF's blocks, read page by page: mosaics have millions. */
export class BlockTable {
  readonly #directory: Directory;
  readonly #layout: Layout;
  readonly #across: number;
  readonly #down: number;
  readonly #pages = new Map<string, Promise<number[]>>();

  private constructor(directory: Directory, layout: Layout) {
    this.#directory = directory;
    this.#layout = layout;
    this.#across = Math.ceil(layout.width / layout.blockWidth);
    this.#down = Math.ceil(layout.height / layout.blockHeight);
  }

  /** @throws LegendaError naming the file that has too few places, or places behind its end */
  static async open(directory: Directory, layout: Layout): Promise<BlockTable> {
    const table = new BlockTable(directory, layout);
    const blocks = table.#across * table.#down * (layout.planar ? layout.bands : 1);
    for (const [tag, what] of table.#fields) {
      const count = directory.count(tag);
      if (count < blocks) throw directory.file.damaged(`${what} of ${blocks} blocks were expected, ${count} came`);
    }
    for (let i = 0; i < Math.min(blocks, checkedBlocks); i++) await table.#place(i);
    return table;
  }

  /** Offsets, and where samples are compressed lengths. */
  get #fields(): readonly (readonly [tag: number, what: string])[] {
    const { tiled, compression } = this.#layout;
    const offsets = [tiled ? 324 : 273, 'offsets'] as const;
    return compression === 'none' ? [offsets] : [offsets, [tiled ? 325 : 279, 'lengths']];
  }

  /**
   * Where a block is.
   * @param plane the band where each has blocks of its own, else 0
   * @throws LegendaError when the file ends before, or the length is absurd
   */
  place(column: number, row: number, plane: number): Promise<BlockPlace> {
    return this.#place((plane * this.#down + row) * this.#across + column);
  }

  async #place(index: number): Promise<BlockPlace> {
    const { file } = this.#directory;
    const [offsets, lengths] = this.#fields;
    const offset = await this.#value(offsets!, index);
    if (offset === 0) return undefined;
    const { planar, bands, bits } = this.#layout;
    const row = Math.floor(index / this.#across) % this.#down;
    const samples = this.#layout.blockWidth * this.rows(row) * (planar ? 1 : bands);
    const plain = (samples * bits) / 8;
    const bytes = lengths ? await this.#value(lengths, index) : plain;
    if (bytes === 0) return undefined;
    const what = `block ${index}`;
    file.check(offset, bytes, what);
    // No codec makes more of noise; the rest is for headers.
    if (bytes > 2 * plain + 65_536) throw file.damaged(`${what} of ${plain} bytes claims to have ${bytes} compressed`);
    return { offset, bytes };
  }

  /** Rows that the blocks of a row of blocks have: strips end with the image, tiles do not. */
  rows(row: number): number {
    const { tiled, blockHeight, height } = this.#layout;
    return tiled ? blockHeight : Math.min(blockHeight, height - row * blockHeight);
  }

  async #value([tag, what]: readonly [number, string], index: number): Promise<number> {
    const page = Math.floor(index / pageLength);
    const key = `${tag} ${page}`;
    let values = this.#pages.get(key);
    if (!values) {
      const from = page * pageLength;
      values = this.#directory.slice(tag, what, from, Math.min(pageLength, this.#directory.count(tag) - from));
      this.#pages.set(key, values);
      // heard by whoever waits for it
      values.catch(() => {});
      if (this.#pages.size > keptPages) this.#pages.delete(this.#pages.keys().next().value!);
    }
    return (await values)[index % pageLength]!;
  }
}
