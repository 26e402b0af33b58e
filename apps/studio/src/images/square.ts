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
 * The square that an encoder sees, resized linearly and widened where it shrinks, as libvips's linear kernel does to within a
 * level or two.
 * @returns [side, side, 4]
 */
export function toSquare(pixels: Pixels, side: number, fit: Preprocessing['fit']): Pixels {
  const { width, height } = pixels;
  const scale = Math.max(side / width, side / height);
  const [wide, high] = fit === 'squash' ? [side, side] : [Math.round(width * scale), Math.round(height * scale)];
  const resized = resize(pixels, Math.max(side, wide), Math.max(side, high));
  return crop(resized, side);
}

function resize({ width, height, data }: Pixels, wide: number, high: number): Pixels {
  const across = wide === width ? Float32Array.from(data) : alongRows(data, width, height, wide);
  const both = high === height ? across : alongColumns(across, wide, height, high);
  return { width: wide, height: high, data: Uint8ClampedArray.from(both, Math.round) };
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** By pixel that comes out, those that it is made of. */
function taps(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(from - 1, Math.floor(centre + reach));
    const weights = Array.from({ length: last - first + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k - centre) / reach),
    );
    const all = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / all) };
  });
}

function alongRows(data: ArrayLike<number>, width: number, height: number, wide: number): Float32Array {
  const out = new Float32Array(wide * height * 4);
  for (const [x, { first, weights }] of taps(width, wide).entries())
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[(y * width + first + k) * 4 + c]!;
        out[(y * wide + x) * 4 + c] = sum;
      }
  return out;
}

function alongColumns(data: ArrayLike<number>, width: number, height: number, high: number): Float32Array {
  const out = new Float32Array(width * high * 4);
  for (const [y, { first, weights }] of taps(height, high).entries())
    for (let i = 0; i < width * 4; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[(first + k) * width * 4 + i]!;
      out[y * width * 4 + i] = sum;
    }
  return out;
}

function crop({ width, height, data }: Pixels, side: number): Pixels {
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const out = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 4;
    out.set(data.subarray(from, from + side * 4), y * side * 4);
  }
  return { width: side, height: side, data: out };
}

/** [side, side, 4] → red, green, blue from 0 to 1, minus the mean, over the deviation, [3, side, side]; transparent is black. */
export function normalised({ width, data }: Pixels, { mean, std }: Preprocessing): Float32Array {
  const plane = width * width;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [c, at] = [Math.floor(i / plane), 4 * (i % plane)];
    const value = Math.round((data[at + c]! * data[at + 3]!) / 255);
    return (value / 255 - mean[c]!) / std[c]!;
  });
}
