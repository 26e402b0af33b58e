import type { MultiPolygon } from 'geojson';
import { expect, test } from 'vitest';
import { boundsOf } from './place.js';

/** Rectangles side by side, all from −90° to 90°. */
const cut = (...parts: readonly (readonly [west: number, east: number])[]): MultiPolygon => ({
  type: 'MultiPolygon',
  coordinates: parts.map(([west, east]) => [
    [
      [west, -90],
      [east, -90],
      [east, 90],
      [west, 90],
      [west, -90],
    ],
  ]),
});

test.each([
  ['across 180°', cut([170, 180], [-180, -160]), [170, -90, -160, 90]],
  ['all round from 0°', cut([0, 180], [-180, 0]), [-180, -90, 180, 90]],
  ['all round from 10° west', cut([-180, -10], [-10, 180]), [-180, -90, 180, 90]],
  ['all round but for a degree', cut([0.5, 180], [-180, -0.5]), [0.5, -90, -0.5, 90]],
])('bounds %s', (_, footprint, bounds) => {
  expect(boundsOf(footprint)).toEqual(bounds);
});
