import type { MultiPolygon, Polygon } from 'geojson';
import type { Bounds } from '../row.js';

/** Where a tile is on Earth, in degrees of WGS 84. */
export type Footprint = Polygon | MultiPolygon;

/** The least bounds of a footprint, by RFC 7946: what crosses the antimeridian has its west east of its east. */
export function boundsOf(footprint: Footprint): Bounds {
  const parts = footprint.type === 'Polygon' ? [footprint.coordinates] : footprint.coordinates;
  const boxes = parts.map(([ring]): Bounds => {
    const longitudes = ring!.map(([longitude]) => longitude!);
    const latitudes = ring!.map(([, latitude]) => latitude!);
    return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
  });
  const south = Math.min(...boxes.map(([, low]) => low));
  const north = Math.max(...boxes.map(([, , , high]) => high));
  const [first, ...others] = boxes as [Bounds, ...Bounds[]];
  if (others.length === 0) return [first[0], south, first[2], north];
  // cut at 180°: one part ends there in the east, the other begins there in the west
  const eastern = boxes.filter(([, , east]) => east === 180);
  const western = boxes.filter(([west]) => west === -180);
  const west = Math.min(...eastern.map(([west]) => west));
  const east = Math.max(...western.map(([, , east]) => east));
  // where they meet on the other side too, they are all round
  return west <= east ? [-180, south, 180, north] : [west, south, east, north];
}
