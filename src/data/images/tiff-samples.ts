/** How a TIFF keeps its samples. */
export interface TiffSamples {
  /** Bits a sample, the first band's. */
  readonly bits: number;
  /** Whole numbers from 0, or numbers with a sign or a fraction. */
  readonly unsigned: boolean;
  readonly bands: number;
  /** Whether the file keeps one band after the other. */
  readonly planar: boolean;
  /** What the colours are: 0 and 1 grey, whose 0 is white or black, 2 RGB, 5 CMYK, for example. */
  readonly photometric: number;
  /** Whether a band behind the colours is alpha, and not, say, near infrared. */
  readonly alpha: boolean;
}

const tags = {
  bitsPerSample: 258,
  photometric: 262,
  samplesPerPixel: 277,
  planar: 284,
  extraSamples: 338,
  sampleFormat: 339,
} as const;

/**
 * Reads what libvips does not hand on from a TIFF's first directory (TIFF 6.0, Adobe, 1992; BigTIFF).
 * @returns undefined where the directory cannot be read: decoding says then what is wrong
 */
export function tiffSamples(bytes: Uint8Array): TiffSamples | undefined {
  try {
    const read = directory(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const [bits = 1] = read(tags.bitsPerSample);
    const [format = 1] = read(tags.sampleFormat);
    const [bands = 1] = read(tags.samplesPerPixel);
    const [photometric = 1] = read(tags.photometric);
    const planar = bands > 1 && read(tags.planar)[0] === 2;
    // 1 is alpha that is multiplied in, 2 alpha that is not, 0 anything.
    const alpha = read(tags.extraSamples).some((kind) => kind === 1 || kind === 2);
    return { bits, unsigned: format === 1 || format === 4, bands, planar, photometric, alpha };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A function that gives a tag's whole numbers, none where it is absent or of another type. */
function directory(view: DataView): (tag: number) => number[] {
  const little = view.getUint8(0) === 0x49;
  const short = (at: number): number => view.getUint16(at, little);
  const long = (at: number): number => view.getUint32(at, little);
  const big = short(2) === 43;
  const offset = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : long(at));
  const start = offset(big ? 8 : 4);
  const entries = big ? offset(start) : short(start);
  const [first, length, inline] = big ? [start + 8, 20, 8] : [start + 2, 12, 4];
  return (tag) => {
    for (let entry = first; entry < first + length * entries; entry += length) {
      if (short(entry) !== tag) continue;
      const type = short(entry + 2);
      const count = Math.min(offset(entry + 4), 16);
      const size = type === 3 ? 2 : 4;
      if (type !== 3 && type !== 4) return [];
      const value = entry + 4 + (big ? 8 : 4);
      const at = count * size <= inline ? value : offset(value);
      return Array.from({ length: count }, (_, i) => (type === 3 ? short : long)(at + i * size));
    }
    return [];
  };
}
