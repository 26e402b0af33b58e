import sharp from 'sharp';
import { type ImageSource, type Preprocessing, Preprocessor } from '../../data/images/preprocess.js';
import { LegendaError } from '../../errors.js';

/** A square picture, RGB, [side, side, 3]. */
export interface SquarePicture {
  readonly side: number;
  readonly pixels: Uint8Array;
}

/** Pixels of a picture that people look at. */
const defaultSide = 320;

/** What is left of the light where nothing was looked at. */
const dark = 0.2;

/**
 * What an encoder saw of an image, large enough to look at.
 * @throws LegendaError as `Preprocessor`'s
 */
export async function seenPicture(
  source: ImageSource,
  preprocessing: Preprocessing,
  side = defaultSide,
): Promise<SquarePicture> {
  return { side, pixels: await new Preprocessor({ ...preprocessing, side }).pixels(source) };
}

/**
 * A picture as bright as it was looked at: the region with the most attention keeps its light.
 * @param attention by region of a square grid, row by row
 * @returns RGB, [side, side, 3]
 * @throws LegendaError when the regions make no square
 */
export async function underAttention({ side, pixels }: SquarePicture, attention: Float32Array): Promise<SquarePicture> {
  const grid = gridOf(attention.length);
  const most = attention.reduce((a, b) => Math.max(a, b), 0);
  const levels = Uint8Array.from(attention, (weight) => (most > 0 ? Math.round((255 * weight) / most) : 255));
  const { data, info } = await sharp(levels, { raw: { width: grid, height: grid, channels: 1 } })
    .resize(side, side, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const lit = Uint8Array.from(pixels, (value, i) => {
    const level = data[Math.floor(i / 3) * info.channels]! / 255;
    return Math.round(value * (dark + (1 - dark) * level));
  });
  return { side, pixels: lit };
}

function gridOf(regions: number): number {
  const grid = Math.sqrt(regions);
  if (!Number.isInteger(grid))
    throw new LegendaError(`attention over ${regions} regions cannot be drawn: a square grid of regions is expected`);
  return grid;
}

export const toPng = ({ side, pixels }: SquarePicture): Promise<Uint8Array> =>
  sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();

/** As a `data:` URI of a JPEG with sides of `size` pixels, for pages. */
export async function toDataUri({ side, pixels }: SquarePicture, size = 224): Promise<string> {
  const jpeg = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .resize(size, size)
    .jpeg({ quality: 82 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
