import { LegendaError } from '../../errors.js';
import { openMosaic } from '../geotiff/open-mosaic.js';
import type { RgbImage } from './decode.js';
import type { TiffSamples } from './tiff-samples.js';

/**
 * Whether a TIFF has bands that libvips reads wrongly or not at all: three or more of which the file only says that 0 is black (or
 * white), which it takes for grey and alpha; more than RGB and one; bands that lie apart.
 */
export const isMisread = ({ bands, photometric, planar }: TiffSamples): boolean =>
  photometric <= 1 ? bands >= 3 || planar : photometric === 2 && (bands > 4 || planar);

/**
 * Reads such a TIFF as mosaics are read: its first three bands are the colours, alpha shows black.
 * @param name of the image in errors
 * @throws LegendaError naming the image: of more than `maxPixels`, damaged, cut short, of a kind that is not read
 */
export async function readBands(bytes: Uint8Array, name: string, maxPixels: number): Promise<RgbImage> {
  await using mosaic = await openMosaic({ name, bytes }, { cacheBytes: 0 });
  const { width, height } = mosaic;
  if (width * height > maxPixels) throw tooManyPixels(`${name} is a TIFF`, `${width}×${height}`, maxPixels);
  return mosaic.readWindow({ x: 0, y: 0, width, height });
}

/** @param what names the image and its format */
export const tooManyPixels = (what: string, size: string, maxPixels: number, cause?: Error): LegendaError =>
  new LegendaError(`${what} that claims to have ${size} pixels: at most ${maxPixels} are accepted`, { cause });
