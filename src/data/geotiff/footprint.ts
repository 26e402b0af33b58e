import type { MultiPolygon, Polygon } from 'geojson';
import { LegendaError } from '../../errors.js';
import { outline } from './geodesy/outline.js';
import { polygonsOf } from './geodesy/rings.js';
import type { Georeference, Position } from './georeference.js';
import type { Window } from './windows.js';

/** Decimals of a degree that are written: a tenth of a millimetre. */
const decimals = 9;

/**
 * The outline of a window on WGS 84 as GeoJSON (RFC 7946): longitude and latitude in degrees, counter-clockwise, closed,
 * longitudes from −180 to 180. A window across 180° is cut there into two polygons.
 *
 * It has the four corners. Where an edge bends on its way, by more than a tenth of a pixel from the line between its ends, it gets
 * more positions, until none does: windows of usual size have none, large ones and those near a pole do. A window with a pole in
 * it reaches from −180 to 180 and up to the pole.
 * @throws LegendaError naming the file where the window is outside of what its projection projects, or an edge leads through a
 *   pole, so that its longitudes cannot be told
 */
export function footprint(georeference: Georeference, window: Window): Polygon | MultiPolygon {
  const { x, y, width, height } = window;
  const corners: Position[] = [
    [x, y],
    [x, y + height],
    [x + width, y + height],
    [x + width, y],
  ];
  const places = outline(georeference, corners);
  const rings = polygonsOf(places, { continuous: georeference.geographic, pole: poleIn(georeference, window) });
  if (typeof rings === 'string') {
    throw new LegendaError(`${georeference.name}: the window of ${width}×${height} at ${x}, ${y} ${rings}`);
  }
  const written = rings.map((ring) => [ring.map((position) => position.map(rounded))]);
  return written.length === 1
    ? { type: 'Polygon', coordinates: written[0]! }
    : { type: 'MultiPolygon', coordinates: written };
}

/** The latitude of the pole that is in a window. */
function poleIn({ geographic, fromWgs84 }: Georeference, { x, y, width, height }: Window): number | undefined {
  if (geographic) return undefined;
  return [90, -90].find((latitude) => {
    const [column, row] = fromWgs84([0, latitude]);
    return column > x && column < x + width && row > y && row < y + height;
  });
}

const rounded = (value: number): number => Number(value.toFixed(decimals)) + 0;
