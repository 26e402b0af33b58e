import type { Colours } from '../tiff/colours.js';
import type { Layout } from '../tiff/layout.js';

/** Samples of one band: those of a pixel stand at `start` + `step` times its number. */
export interface Band {
  readonly samples: Uint8Array;
  /** Bytes. */
  readonly start: number;
  readonly step: number;
}

/**
 * Samples as 8-bit RGB. Of 16 bits the upper ones are taken; alpha shows black, as where a map has no data, and so do pixels
 * whose colours all have the value that says so.
 * @param bands red, green and blue, or one for all three
 * @returns [pixels, 3]
 */
export function paint(
  pixels: number,
  bands: readonly Band[],
  alpha: Band | undefined,
  { bits, littleEndian }: Pick<Layout, 'bits' | 'littleEndian'>,
  { inverted, palette, noData, alpha: kind }: Colours,
): Uint8Array {
  const most = 2 ** bits - 1;
  const sample = readerOf(bits, littleEndian);
  const rgb = new Uint8Array(3 * pixels);
  const [red, green, blue] = bands.length === 3 ? (bands as [Band, Band, Band]) : [bands[0]!, bands[0]!, bands[0]!];
  for (let i = 0; i < pixels; i++) {
    const r = sample(red, i);
    const g = sample(green, i);
    const b = sample(blue, i);
    if (r === noData && g === noData && b === noData) continue;
    const at = 3 * i;
    if (palette) {
      for (let k = 0; k < 3; k++) rgb[at + k] = palette[3 * r + k]!;
      continue;
    }
    // What is premultiplied lies on black already.
    const opacity = alpha && !kind?.premultiplied ? sample(alpha, i) : most;
    const shown = (value: number): number => {
      const brightness = inverted ? most - value : value;
      const flat = opacity === most ? brightness : Math.floor((brightness * opacity) / most);
      return bits === 16 ? flat >> 8 : flat;
    };
    rgb[at] = shown(r);
    rgb[at + 1] = shown(g);
    rgb[at + 2] = shown(b);
  }
  return rgb;
}

function readerOf(bits: 8 | 16, littleEndian: boolean): (band: Band, pixel: number) => number {
  if (bits === 8) return ({ samples, start, step }, pixel) => samples[start + step * pixel]!;
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  return ({ samples, start, step }, pixel) => {
    const at = start + step * pixel;
    return (samples[at + high]! << 8) | samples[at + low]!;
  };
}
