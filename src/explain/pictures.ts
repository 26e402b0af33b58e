import sharp from 'sharp';

/** Grey or RGB bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** As a `data:` URI of a PNG, which loses nothing. */
export async function pngUri({ width, height, channels, pixels }: Picture): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels } }).png({ compressionLevel: 9 }).toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** Values as grey levels: `low` and below is black, `high` and above white; all mid-grey when they are the same. */
export function greyLevels(values: ArrayLike<number>, low: number, high: number): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (!(high > low)) return 128;
    return Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
  });
}

/** Values from their smallest to their largest. */
export const greyPicture = (values: ArrayLike<number>, height: number, width: number): Picture => {
  const { low, high } = rangeOf(values);
  return { width, height, channels: 1, pixels: greyLevels(values, low, high) };
};

/** Values with their sign: mid-grey is 0, white the largest size that there is, black as much below. */
export function signedPicture(values: ArrayLike<number>, height: number, width: number): Picture {
  const { low, high } = rangeOf(values);
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { width, height, channels: 1, pixels: greyLevels(values, -most, most) };
}

/**
 * An image as a picture: grey, or the first three channels as red, green and blue.
 * @param values [C, H, W] in [0, 1]
 */
export function imagePicture(values: Float32Array, [channels, height, width]: readonly number[]): Picture {
  const plane = height! * width!;
  const levels = greyLevels(values, 0, 1);
  if (channels! < 3) return { width: width!, height: height!, channels: 1, pixels: levels.slice(0, plane) };
  const pixels = Uint8Array.from({ length: 3 * plane }, (_, i) => levels[(i % 3) * plane + Math.floor(i / 3)]!);
  return { width: width!, height: height!, channels: 3, pixels };
}

/**
 * Many small grey pictures of one size in rows, with a mid-grey pixel between them.
 * @param columns pictures in a row
 */
export function mosaic(tiles: readonly Picture[], columns: number): Picture {
  const { width: tileWidth, height: tileHeight } = tiles[0]!;
  const width = columns * (tileWidth + 1) - 1;
  const height = Math.ceil(tiles.length / columns) * (tileHeight + 1) - 1;
  const pixels = new Uint8Array(width * height).fill(128);
  for (const [i, tile] of tiles.entries()) {
    const left = (i % columns) * (tileWidth + 1);
    const top = Math.floor(i / columns) * (tileHeight + 1);
    for (let y = 0; y < tileHeight; y++)
      pixels.set(tile.pixels.subarray(y * tileWidth, (y + 1) * tileWidth), (top + y) * width + left);
  }
  return { width, height, channels: 1, pixels };
}

function rangeOf(values: ArrayLike<number>): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return { low, high };
}
