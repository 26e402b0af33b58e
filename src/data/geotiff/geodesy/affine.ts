import { LegendaError } from '../../../errors.js';
import type { GeoTags } from './geo-tags.js';
import type { Position } from './reference-system.js';

/**
 * From pixels to a reference system: x = a · column + b · row + c, y = d · column + e · row + f. Columns and rows are counted from
 * the upper left corner of the first pixel, so that its centre is at 0.5, 0.5.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** GTRasterTypeGeoKey where positions are those of pixels' centres. */
const pixelIsPoint = 2;

/**
 * The affine map of a GeoTIFF, by its pixel scale and first tie point, else by its transformation, as GDAL reads it.
 * @param name the file, for errors
 * @throws LegendaError naming the file that has none, or one that is not to be undone
 */
export function affineOf({ pixelScale, tiePoints, transformation, keys }: GeoTags, name: string): Affine {
  const [width = 0, height = 0] = pixelScale;
  const expected = `${name}: a georeference was expected (ModelPixelScale and ModelTiepoint, or ModelTransformation)`;
  let affine: Affine | undefined;
  if (width !== 0 && height !== 0 && tiePoints.length >= 6) {
    const [column, row, , x, y] = tiePoints as [number, number, number, number, number];
    const down = -Math.abs(height);
    affine = [width, 0, x - column * width, 0, down, y - row * down];
  } else if (transformation.length === 16) {
    const [a, b, , c, d, e, , f] = transformation as [number, number, number, number, number, number, number, number];
    affine = [a, b, c, d, e, f];
  }
  if (!affine) {
    const came =
      tiePoints.length > 0 ? `tie points alone came; gdalwarp makes an image of them that has one` : 'none came';
    throw new LegendaError(`${expected}, ${came}`);
  }
  const [a, b, c, d, e, f] = affine;
  if (!affine.every(Number.isFinite) || a * e - b * d === 0) {
    throw new LegendaError(`${expected}, one came that maps pixels to nothing: ${affine.join(', ')}`);
  }
  if (keys['GTRasterTypeGeoKey'] !== pixelIsPoint) return affine;
  return [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2];
}

/** Where a position in pixels is. */
export const apply = ([a, b, c, d, e, f]: Affine, [column, row]: Position): Position => [
  a * column + b * row + c,
  d * column + e * row + f,
];

/** Which position in pixels is there. */
export function undo([a, b, c, d, e, f]: Affine, [x, y]: Position): Position {
  const determinant = a * e - b * d;
  return [(e * (x - c) - b * (y - f)) / determinant, (a * (y - f) - d * (x - c)) / determinant];
}
