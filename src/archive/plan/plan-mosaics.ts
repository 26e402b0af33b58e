import { resolve } from 'node:path';
import { georeferenceOf } from '../../data/geotiff/georeference.js';
import { openMosaic } from '../../data/geotiff/open-mosaic.js';
import { LegendaError, UsageError } from '../../errors.js';
import type { Source } from '../source/open-source.js';
import type { PlannedMosaic } from './mosaic-plan.js';

/**
 * Sizes of mosaics. One of several that cannot be opened is a tile that fails.
 * @param footprints whether it must be known where they are on Earth
 * @throws LegendaError when the only one cannot be opened; UsageError when it is not known where one is
 */
export async function planMosaics(
  { kind, path }: Pick<Source, 'kind' | 'path'>,
  images: AsyncIterable<string>,
  footprints: boolean,
): Promise<PlannedMosaic[]> {
  const mosaics: PlannedMosaic[] = [];
  for await (const image of images) {
    try {
      await using mosaic = await openMosaic(resolve(path, image));
      if (footprints) checkPlace(mosaic);
      mosaics.push({ image, size: { width: mosaic.width, height: mosaic.height } });
    } catch (error) {
      if (!(error instanceof LegendaError) || error instanceof UsageError || kind === 'image') throw error;
      mosaics.push({ image, size: null });
    }
  }
  return mosaics;
}

function checkPlace(mosaic: Parameters<typeof georeferenceOf>[0]): void {
  try {
    georeferenceOf(mosaic);
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    throw new UsageError(`${error.message}; --no-footprints describes it without`, { cause: error });
  }
}
