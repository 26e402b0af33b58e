/** Pixels as a canvas has them, [height, width, 4]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** As run records and `captioner.json` have it. */
interface Preprocessing {
  readonly side: number;
  readonly fit: 'squash' | 'crop';
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * The square that a network sees: laid on black, resized linearly and widened where it shrinks, as libvips's linear kernel does
 * to within a level or two where it shrinks by less than four.
 * @returns [side, side, 4], opaque
 */
export function toSquare(pixels: Pixels, side: number, fit: Preprocessing['fit']): Pixels {
  const { width, height } = pixels;
  const least = Math.min(width, height) / side;
  const scales = fit === 'squash' ? ([width / side, height / side] as const) : ([least, least] as const);
  return crop(resize(onBlack(pixels), scales), side);
}

/** Before anything is resized: what is transparent has a colour too, which would bleed into its neighbours. */
function onBlack({ width, height, data }: Pixels): Pixels {
  const out = new Uint8ClampedArray(data.length).fill(255);
  for (let at = 0; at < data.length; at += 4)
    for (let c = 0; c < 3; c++) out[at + c] = Math.round((data[at + c]! * data[at + 3]!) / 255);
  return { width, height, data: out };
}

/** @param scales pixels of before to one of after, across and down */
function resize({ width, height, data }: Pixels, [across, down]: readonly [number, number]): Pixels {
  const [wide, high] = [Math.round(width / across), Math.round(height / down)];
  const narrowed = wide === width ? Float32Array.from(data) : alongRows(data, width, height, taps(width, wide, across));
  const both = high === height ? narrowed : alongColumns(narrowed, wide, taps(height, high, down));
  return { width: wide, height: high, data: Uint8ClampedArray.from(both, Math.round) };
}

interface Taps {
  readonly pixels: readonly number[];
  readonly weights: readonly number[];
}

/** By pixel that comes out, those that it is made of: in the middle where they do not fill it, and the edge's beyond the edge. */
function taps(from: number, to: number, scale: number): Taps[] {
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (from - 1) / 2 + (i - (to - 1) / 2) * scale;
    const first = Math.ceil(centre - reach);
    const places = Array.from({ length: Math.floor(centre + reach) - first + 1 }, (_, k) => first + k);
    const weights = places.map((place) => Math.max(0, 1 - Math.abs(place - centre) / reach));
    const all = weights.reduce((a, b) => a + b);
    return {
      pixels: places.map((place) => Math.max(0, Math.min(from - 1, place))),
      weights: weights.map((weight) => weight / all),
    };
  });
}

function alongRows(data: ArrayLike<number>, width: number, height: number, own: readonly Taps[]): Float32Array {
  const wide = own.length;
  const out = new Float32Array(wide * height * 4);
  for (const [x, { pixels, weights }] of own.entries())
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[(y * width + pixels[k]!) * 4 + c]!;
        out[(y * wide + x) * 4 + c] = sum;
      }
  return out;
}

function alongColumns(data: ArrayLike<number>, width: number, own: readonly Taps[]): Float32Array {
  const out = new Float32Array(width * own.length * 4);
  for (const [y, { pixels, weights }] of own.entries())
    for (let i = 0; i < width * 4; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[pixels[k]! * width * 4 + i]!;
      out[y * width * 4 + i] = sum;
    }
  return out;
}

function crop({ width, height, data }: Pixels, side: number): Pixels {
  const [left, top] = [Math.ceil((width - side) / 2), Math.ceil((height - side) / 2)];
  const out = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 4;
    out.set(data.subarray(from, from + side * 4), y * side * 4);
  }
  return { width: side, height: side, data: out };
}

/** [side, side, 4], opaque → red, green, blue from 0 to 1, minus the mean, over the deviation, [3, side, side]. */
export function normalised({ width, data }: Pixels, { mean, std }: Preprocessing): Float32Array {
  const plane = width * width;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [c, at] = [Math.floor(i / plane), 4 * (i % plane)];
    return (data[at + c]! / 255 - mean[c]!) / std[c]!;
  });
}
