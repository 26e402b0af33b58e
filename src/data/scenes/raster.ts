import sharp from 'sharp';
import { type Drawing, svgSheet } from './svg.js';

/** Pixels down a sheet: libvips renders tiles of 2000, and each of them from the whole document. */
const sheetHeight = 2000;

/** How many pictures are rendered in one go: a sheet of 31 takes half of the time of 31 single ones (64×64). */
export const picturesPerSheet = (side: number): number => Math.max(1, Math.floor(sheetHeight / side));

/** @returns RGB, [drawings, side, side, 3] */
export async function rasterise(drawings: readonly Drawing[], side: number): Promise<Uint8Array> {
  const bytes = side * side * 3;
  const pixels = new Uint8Array(drawings.length * bytes);
  const count = picturesPerSheet(side);
  for (let i = 0; i < drawings.length; i += count) {
    const sheet = Buffer.from(svgSheet(drawings.slice(i, i + count), side));
    pixels.set(await sharp(sheet).removeAlpha().raw().toBuffer(), i * bytes);
  }
  return pixels;
}
