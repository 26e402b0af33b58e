import { LegendaError } from '../../../errors.js';
import { sniff } from '../../images/format.js';
import type { TiffFile } from './tiff-file.js';

/** A field of a directory: values that lie somewhere in the file. */
interface Field {
  readonly type: number;
  readonly count: number;
  /** Where its first value is, in bytes from the start. */
  readonly at: number;
}

/** Bytes a value and how it is read, by TIFF's number of the type; rationals are not needed. */
const types: Readonly<
  Record<number, readonly [size: number, read: (view: DataView, at: number, le: boolean) => number]>
> = {
  1: [1, (view, at) => view.getUint8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, le) => view.getUint16(at, le)],
  4: [4, (view, at, le) => view.getUint32(at, le)],
  7: [1, (view, at) => view.getUint8(at)],
  11: [4, (view, at, le) => view.getFloat32(at, le)],
  12: [8, (view, at, le) => view.getFloat64(at, le)],
  13: [4, (view, at, le) => view.getUint32(at, le)],
  16: [8, (view, at, le) => Number(view.getBigUint64(at, le))],
  18: [8, (view, at, le) => Number(view.getBigUint64(at, le))],
};

/** A directory of a usual TIFF has some twenty fields. */
const mostFields = 4096;

/**
 * The first directory of a TIFF or BigTIFF (TIFF 6.0, Adobe, 1992; BigTIFF, libtiff). Only its fields' places are kept: their
 * values, of which a mosaic has millions, are read when they are asked for.
 *
 * geotiff.js reads directories too, but sets aside memory for as many values as a file claims to have, takes long tables of
 * big-endian files for little-endian, and gives up on a file with one field of an unknown type.
 */
export class Directory {
  readonly file: TiffFile;
  readonly littleEndian: boolean;
  readonly #fields: ReadonlyMap<number, Field>;

  private constructor(file: TiffFile, littleEndian: boolean, fields: ReadonlyMap<number, Field>) {
    this.file = file;
    this.littleEndian = littleEndian;
    this.#fields = fields;
  }

  /** @throws LegendaError naming the file that is not a TIFF, or ends before the directory does */
  static async read(file: TiffFile): Promise<Directory> {
    const head = await file.read(0, Math.min(file.size, 512), 'the header');
    checkFormat(head, file.name);
    const littleEndian = head[0] === 0x49;
    const header = new DataView(head.buffer);
    const big = header.byteLength >= 16 && header.getUint16(2, littleEndian) === 43;
    if (header.byteLength < 8 || (big && header.getUint16(4, littleEndian) !== 8)) {
      throw file.damaged('its header is not one of a TIFF');
    }
    const wide = (view: DataView, at: number): number =>
      big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
    const start = wide(header, big ? 8 : 4);
    const [countSize, entrySize, inline] = big ? [8, 20, 8] : [2, 12, 4];
    const countBytes = new DataView((await file.read(start, countSize, 'the directory')).buffer);
    const count = big ? wide(countBytes, 0) : countBytes.getUint16(0, littleEndian);
    if (count === 0 || count > mostFields) {
      throw file.damaged(`a directory of 1 to ${mostFields} fields was expected, one of ${count} came`);
    }
    const first = start + countSize;
    const entries = new DataView((await file.read(first, count * entrySize, 'the directory')).buffer);
    const fields = new Map<number, Field>();
    for (let at = 0; at < entries.byteLength; at += entrySize) {
      const tag = entries.getUint16(at, littleEndian);
      const type = entries.getUint16(at + 2, littleEndian);
      const size = types[type]?.[0];
      if (size === undefined || fields.has(tag)) continue;
      const values = wide(entries, at + 4);
      const value = at + entrySize - inline;
      fields.set(tag, { type, count: values, at: values * size <= inline ? first + value : wide(entries, value) });
    }
    return new Directory(file, littleEndian, fields);
  }

  /** How many values a field has, 0 where it is absent. */
  count(tag: number): number {
    return this.#fields.get(tag)?.count ?? 0;
  }

  /**
   * Values of a field, none where it is absent.
   * @param what the field is called, for errors
   * @param most values that are read
   * @throws LegendaError when there are more, or the file ends before
   */
  async values(tag: number, what: string, most: number): Promise<number[]> {
    const count = this.count(tag);
    if (count > most) throw this.file.damaged(`at most ${most} values are accepted for ${what}, ${count} came`);
    return this.slice(tag, what, 0, count);
  }

  /** Some of a field's values: `count` of them from `from` on. @throws LegendaError when the field or the file ends before */
  async slice(tag: number, what: string, from: number, count: number): Promise<number[]> {
    const field = this.#fields.get(tag);
    if (count === 0) return [];
    if (!field || from + count > field.count) {
      throw this.file.damaged(`${what} should have ${from + count} values, it has ${field?.count ?? 0}`);
    }
    const [size, read] = types[field.type]!;
    const view = new DataView((await this.file.read(field.at + from * size, count * size, what)).buffer);
    return Array.from({ length: count }, (_, i) => read(view, i * size, this.littleEndian));
  }

  /** A field's first value. */
  async value(tag: number, what: string): Promise<number | undefined> {
    return this.count(tag) === 0 ? undefined : (await this.slice(tag, what, 0, 1))[0];
  }

  /** A field's text without what ends it, undefined where it is absent. */
  async text(tag: number, what: string, most: number): Promise<string | undefined> {
    if (this.count(tag) === 0) return undefined;
    return String.fromCharCode(...(await this.values(tag, what, most))).replace(/\0.*$/s, '');
  }
}

function checkFormat(head: Uint8Array, name: string): void {
  if (head.length === 0) throw new LegendaError(`${name} is empty, a GeoTIFF was expected`);
  const { format, what } = sniff(head);
  if (format !== 'TIFF') throw new LegendaError(`${name} is ${what}, a GeoTIFF was expected`);
}
