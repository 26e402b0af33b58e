import { LegendaError } from '../../errors.js';
import { affineOf, apply, undo } from './geodesy/affine.js';
import { type Position, referenceSystemOf } from './geodesy/reference-system.js';
import type { Mosaic } from './open-mosaic.js';

export type { Position };

/** Where the pixels of an image are on Earth. */
export interface Georeference {
  /** The image's file, which errors name. */
  readonly name: string;
  /** Its reference system: `EPSG:32633`, or `user-defined`. */
  readonly system: string;
  /** Whether that is of longitude and latitude. */
  readonly geographic: boolean;
  /**
   * Longitude and latitude in degrees on WGS 84 of a position in pixels, counted from the upper left corner of the first pixel.
   * Longitudes of a geographic system go on beyond ±180 as those of the file do; others are within ±180.
   * @throws LegendaError naming the file where the position is outside of what its projection projects
   */
  toWgs84(pixel: Position): Position;
  /** A position in pixels; not finite where there is none. */
  fromWgs84(position: Position): Position;
}

/** Latitudes that are taken for a pole: those of global images are by rounding. */
const poleTolerance = 1e-6;

/**
 * Reads where an image is on Earth: its affine map and reference system as GDAL takes them from a GeoTIFF's tags, not from files
 * beside it (`.tfw`, `.aux.xml`).
 *
 * The way from the system's datum to WGS 84 is the one that GDAL 3.6 takes where PROJ has no grids, at the image's centre and for
 * all of it, so that neighbouring windows meet. With grids GDAL is better by what the shift without them is wrong: up to some
 * metres for most datums, up to 25 m for NAD27, whose shifts are rough. Where several operations meet, at a country's border,
 * GDAL may take another one.
 * @throws LegendaError naming the file that has no georeference, or a reference system that does not lead to WGS 84
 */
export function georeferenceOf({
  geo,
  name,
  width,
  height,
}: Pick<Mosaic, 'geo' | 'name' | 'width' | 'height'>): Georeference {
  const affine = affineOf(geo, name);
  const system = referenceSystemOf(geo.keys, name);
  const centre = apply(affine, [width / 2, height / 2]);
  const datum = system.datumAt(...system.toGeographic(centre));
  return {
    name,
    system: system.title,
    geographic: system.geographic,
    toWgs84: (pixel) => {
      const place = apply(affine, pixel);
      const [longitude, latitude] = datum.toWgs84(place);
      const onEarth = Math.abs(latitude) <= 90 + poleTolerance && Number.isFinite(longitude);
      if (onEarth) return [longitude, Math.max(-90, Math.min(90, latitude))];
      throw new LegendaError(
        `${name}: pixel ${pixel.join(', ')} is at ${place.join(', ')} of ${system.title}, a place on Earth was expected`,
      );
    },
    fromWgs84: (position) => undo(affine, datum.fromWgs84(position)),
  };
}
