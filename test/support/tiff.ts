/** TIFF files made by hand: sharp writes neither bands beyond colours, nor tags of other programs, nor the directory first. */

export interface TiffInit {
  readonly width: number;
  readonly height: number;
  /** Row by row, bands side by side. */
  readonly samples: ArrayLike<number>;
  /** Bands a pixel; three or more are RGB, fewer are grey. */
  readonly bands?: number;
  /** 8, 16 or 32. */
  readonly bits?: number;
  /** 1 whole numbers, 2 with sign, 3 floating point. */
  readonly format?: number;
  /** 2, RGB, of three or more bands, else 1, grey whose 0 is black. */
  readonly photometric?: number;
  /** What bands beyond the colours are: 0 anything, 1 and 2 alpha. */
  readonly extra?: readonly number[];
  readonly packBits?: boolean;
  /** Further tags: a number and its 16-bit values. */
  readonly tags?: readonly (readonly [tag: number, ...values: number[]])[];
}

/** Little-endian, the directory first, strips of two rows. */
export function tiff(init: TiffInit): Uint8Array {
  const { width, height, samples, bands = 3, bits = 8, format = 1, extra = [], packBits = false, tags = [] } = init;
  const { photometric = bands >= 3 ? 2 : 1 } = init;
  const rows = 2;
  const data = pack(samples, bits, format);
  const stripLength = (rows * width * bands * bits) / 8;
  const strips: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += stripLength) {
    const strip = data.subarray(at, at + stripLength);
    strips.push(packBits ? packRows(strip, stripLength / rows) : strip);
  }
  const same = (value: number): number[] => new Array<number>(bands).fill(value);
  const short = (tag: number, ...values: number[]): Entry => ({ tag, size: 2, values });
  const long = (tag: number, ...values: number[]): Entry => ({ tag, size: 4, values });
  const offsets = long(273, ...strips.map(() => 0));
  const entries = [
    short(256, width),
    short(257, height),
    short(258, ...same(bits)),
    short(259, packBits ? 32773 : 1),
    short(262, photometric),
    offsets,
    short(277, bands),
    short(278, rows),
    long(279, ...strips.map(({ length }) => length)),
    short(284, 1),
    ...(extra.length > 0 ? [short(338, ...extra)] : []),
    short(339, ...same(format)),
    ...tags.map(([tag, ...values]) => short(tag, ...values)),
  ].sort((a, b) => a.tag - b.tag);
  return write(entries, offsets, strips);
}

interface Entry {
  readonly tag: number;
  readonly size: 2 | 4;
  readonly values: number[];
}

function write(entries: readonly Entry[], offsets: Entry, strips: readonly Uint8Array[]): Uint8Array {
  let end = 8 + 2 + 12 * entries.length + 4;
  const places = entries.map(({ size, values }) => {
    if (size * values.length <= 4) return undefined;
    const place = end;
    end += size * values.length;
    return place;
  });
  for (const [i, { length }] of strips.entries()) {
    offsets.values[i] = end;
    end += length;
  }
  const file = Buffer.alloc(end);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries.length, 8);
  for (const [i, { tag, size, values }] of entries.entries()) {
    const at = 10 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(size === 2 ? 3 : 4, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    const place = places[i];
    if (place !== undefined) file.writeUInt32LE(place, at + 8);
    for (const [k, value] of values.entries()) file.writeUIntLE(value, (place ?? at + 8) + k * size, size);
  }
  for (const [i, strip] of strips.entries()) file.set(strip, offsets.values[i]);
  return new Uint8Array(file);
}

function pack(samples: ArrayLike<number>, bits: number, format: number): Uint8Array {
  const kind = { 8: Uint8Array, 16: Uint16Array, 32: format === 3 ? Float32Array : Uint32Array }[bits]!;
  const values = kind.from(samples);
  return new Uint8Array(values.buffer);
}

/** Each row as runs of at most 128 bytes: repeated bytes where there are three or more, else as they are. */
function packRows(strip: Uint8Array, rowLength: number): Uint8Array {
  const out: number[] = [];
  for (let start = 0; start < strip.length; start += rowLength) {
    const row = strip.subarray(start, start + rowLength);
    const runAt = (i: number): number => {
      let length = 1;
      while (length < 128 && row[i + length] === row[i]) length++;
      return length;
    };
    for (let i = 0; i < row.length; ) {
      const run = runAt(i);
      if (run >= 3) {
        out.push(257 - run, row[i]!);
        i += run;
        continue;
      }
      const from = i;
      while (i < row.length && i - from < 128 && runAt(i) < 3) i++;
      out.push(i - from - 1, ...row.subarray(from, i));
    }
  }
  return Uint8Array.from(out);
}
