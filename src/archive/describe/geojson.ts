import type { Feature } from 'geojson';
import type { DescribedTile } from './describer.js';

/** Tiles as GeoJSON (RFC 7946), a feature each: where it is, and what is said of it. One whose place is not known has none. */
export function geoJsonOf(tiles: readonly DescribedTile[]): string {
  const features = tiles.map(
    ({ row: { bounds, ...properties }, footprint }): Feature<NonNullable<typeof footprint> | null> => ({
      type: 'Feature',
      ...(bounds && { bbox: [...bounds] }),
      geometry: footprint ?? null,
      properties,
    }),
  );
  const lines = features.map((feature) => JSON.stringify(feature));
  return `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`;
}
