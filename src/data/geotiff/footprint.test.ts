import fc from 'fast-check';
import type { Position as GeoJsonPosition, MultiPolygon, Polygon } from 'geojson';
import { describe, expect, it, test } from 'vitest';
import { epsg } from '../../../test/support/geotiff.js';
import { LegendaError } from '../../errors.js';
import { footprint } from './footprint.js';
import { type Georeference, georeferenceOf, type Position } from './georeference.js';
import type { Window } from './windows.js';

const side = 100;
const whole: Window = { x: 0, y: 0, width: side, height: side };

/** Half the width of the world in web Mercator. */
const world = Math.PI * 6378137;
const geographic = new Set([4326]);
const place = (code: number, transformation: readonly number[]): Georeference => {
  const [a, b, c, d, e, f] = transformation as [number, number, number, number, number, number];
  return georeferenceOf({
    name: 'a.tif',
    width: side,
    height: side,
    geo: {
      pixelScale: [],
      tiePoints: [],
      transformation: [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1],
      keys: epsg(code, geographic.has(code)),
    },
  });
};
/** North up, or what the projection has there. */
const at = (code: number, x: number, y: number, width: number, height = width): Georeference =>
  place(code, [width, 0, x, 0, -height, y]);

const ringsOf = ({ type, coordinates }: Polygon | MultiPolygon): GeoJsonPosition[][] =>
  type === 'Polygon' ? [coordinates[0]!] : coordinates.map(([ring]) => ring!);

const area = (ring: readonly GeoJsonPosition[]): number =>
  ring.slice(1).reduce((sum, [x2, y2], i) => sum + (ring[i]![0]! * y2! - x2! * ring[i]![1]!) / 2, 0);

/** Crossings of a line to the east. */
const contains = (ring: readonly GeoJsonPosition[], [x, y]: Position): boolean =>
  ring.slice(1).filter(([x2, y2], i) => {
    const [x1, y1] = ring[i] as [number, number];
    return y1 > y !== y2! > y && x < x1 + ((y - y1) / (y2! - y1)) * (x2! - x1);
  }).length %
    2 ===
  1;

function expectRfc7946(geometry: Polygon | MultiPolygon): void {
  for (const ring of ringsOf(geometry)) {
    expect(ring.length).toBeGreaterThan(3);
    expect(ring.at(-1)).toEqual(ring[0]);
    expect(area(ring)).toBeGreaterThan(0);
    for (const [longitude, latitude] of ring) {
      expect(Math.abs(longitude!)).toBeLessThanOrEqual(180);
      expect(Math.abs(latitude!)).toBeLessThanOrEqual(90);
    }
  }
}

describe('a footprint', () => {
  it('is the four corners, counter-clockwise and closed', () => {
    const georeference = at(32633, 399960, 5600040, 10);
    const { type, coordinates } = footprint(georeference, { x: 20, y: 30, width: 40, height: 50 });
    expect(type).toBe('Polygon');
    const corners = [
      [20, 30],
      [20, 80],
      [60, 80],
      [60, 30],
      [20, 30],
    ].map((pixel) => georeference.toWgs84(pixel as never).map((value) => Number(value.toFixed(9))));
    expect(coordinates[0]).toEqual(corners);
  });

  it('is one in any direction that an image has', () => {
    for (const [a, b, d, e] of [
      [10, 0, 0, 10],
      [-10, 0, 0, -10],
      [0, 10, -10, 0],
      [0, -10, -10, 0],
      [7, 7, 7, -7],
      [7, -7, -7, -7],
    ] as const) {
      const geometry = footprint(place(32633, [a, b, 4e5, d, e, 56e5]), whole);
      expectRfc7946(geometry);
      expect(ringsOf(geometry)[0]).toHaveLength(5);
    }
  });

  it('meets its neighbours', () => {
    const georeference = at(2154, 7e5, 66e5, 0.2);
    const [left, right] = [0, 50].map(
      (x) => footprint(georeference, { x, y: 0, width: 50, height: 50 }).coordinates[0],
    );
    expect(left![3]).toEqual(right![0]);
    expect(left![2]).toEqual(right![1]);
  });
});

/** Images in which something happens: what, how many polygons, and where. */
const cases: readonly (readonly [name: string, polygons: number, georeference: Georeference])[] = [
  ['small', 1, at(32633, 4e5, 56e5, 0.1)],
  ['large', 1, at(32633, 4e5, 56e5, 3000)],
  ['at an angle', 1, place(3035, [3000, 1500, 4e6, 1500, -3000, 3e6])],
  ['mirrored', 1, place(3857, [-3000, 0, 1e6, 0, -3000, 6e6])],
  ['across 180° in UTM', 2, at(32660, 7e5, 55e5, 2000)],
  ['across 180° in the south', 2, at(32760, 7e5, 45e5, 2000)],
  ['up to 180°', 1, at(3857, world - 1e5, 1e6, 1000)],
  ['beyond 180° in web Mercator', 2, at(3857, world - 5e4, 1e5, 1000)],
  ['beyond 180° in degrees', 2, at(4326, 170, 10, 0.2)],
  ['from 0° to 360°', 2, at(4326, 0, 90, 3.6, 1.8)],
  ['the world in degrees', 1, at(4326, -180, 90, 3.6, 1.8)],
  ['the world in web Mercator', 1, at(3857, -world, world, world / 50)],
  ['with the North Pole', 1, at(3413, -30_000, 50_000, 1000)],
  ['with the South Pole', 1, at(3031, -61_000, 30_000, 1000)],
  ['with the pole, mirrored', 1, place(3031, [-1000, 0, 61_000, 0, -1000, 30_000])],
  ['with the pole at a corner', 1, at(3031, 0, 1e5, 1000)],
  ['with the pole at another corner', 1, at(3413, -1e5, 0, 1000)],
  ['near the pole', 1, at(3413, 500, 50_000, 1000)],
  ['across 180° near the pole', 2, at(3413, -2e5, 2e5, 1000)],
];

describe('where it is not plain', () => {
  test.each(cases)('%s', (_, polygons, georeference) => {
    const geometry = footprint(georeference, whole);
    expectRfc7946(geometry);
    const rings = ringsOf(geometry);
    expect(rings).toHaveLength(polygons);
    expect(geometry.type).toBe(polygons === 1 ? 'Polygon' : 'MultiPolygon');
    const inside = (pixel: Position): boolean => {
      const [longitude, latitude] = georeference.toWgs84(pixel);
      const turned = longitude - 360 * Math.round(longitude / 360);
      return rings.some((ring) => contains(ring, [turned, latitude]));
    };
    const along = fc.double({ min: 0.3, max: side - 0.3, noNaN: true });
    fc.assert(fc.property(along, along, (x, y) => inside([x, y])));
    // beyond an edge, where there is anything
    if (/world|360/.test(_)) return;
    fc.assert(
      fc.property(along, fc.constantFrom(-0.3, side + 0.3), fc.boolean(), (along, beyond, upright) => {
        return !inside(upright ? [along, beyond] : [beyond, along]);
      }),
    );
  });

  test.each(cases.filter(([name]) => !/180°|world|360|[Pp]ole/.test(name)))(
    '%s: bends with its edges',
    (_, __, georeference) => {
      const [ring] = ringsOf(footprint(georeference, whole));
      for (const [i, [longitude2, latitude2]] of ring!.slice(1).entries()) {
        const [longitude, latitude] = ring![i] as [number, number];
        for (const part of [0, 0.25, 0.5, 0.75]) {
          const along = [
            longitude + part * (longitude2! - longitude),
            latitude + part * (latitude2! - latitude),
          ] as const;
          const [x, y] = georeference.fromWgs84(along);
          const off = Math.min(Math.abs(x), Math.abs(y), Math.abs(x - side), Math.abs(y - side));
          expect(off).toBeLessThan(0.12);
        }
      }
    },
  );

  it('has no more positions than it takes', () => {
    const count = (georeference: Georeference) => ringsOf(footprint(georeference, whole)).flat().length;
    expect(count(at(32633, 4e5, 56e5, 1))).toBe(5);
    expect(count(at(32633, 4e5, 56e5, 3000))).toBeLessThan(30);
    expect(count(at(3857, 1e6, 6e6, 3000))).toBe(5);
    expect(count(at(3413, -30_000, 50_000, 1000))).toBeLessThan(100);
  });

  it('is cut at 180° where its edges cross it', () => {
    const { coordinates } = footprint(at(4326, 170, 10, 0.2), whole) as MultiPolygon;
    expect(coordinates).toEqual([
      [
        [
          [170, 10],
          [170, -10],
          [180, -10],
          [180, 10],
          [170, 10],
        ],
      ],
      [
        [
          [-180, -10],
          [-170, -10],
          [-170, 10],
          [-180, 10],
          [-180, -10],
        ],
      ],
    ]);
  });

  it('is refused where it cannot be told', () => {
    const refuse = (georeference: Georeference, message: string): void => {
      expect(() => footprint(georeference, whole)).toThrow(LegendaError);
      expect(() => footprint(georeference, whole)).toThrow(message);
    };
    const through = 'a.tif: the window of 100×100 at 0, 0 has an edge through a pole, where longitudes turn round';
    refuse(at(3031, -50_000, 100_000, 1000), through);
    refuse(at(4326, 0, 10, 4, 0.1), 'at 0, 0 is 400° of longitude wide, at most 360 were expected');
    refuse(at(32633, 1e9, 1e9, 10), 'a.tif: pixel 0, 0 is at 1000000000, 1000000000 of EPSG:32633');
    refuse(at(3035, -2e7, 2e7, 4e5), 'a place on Earth was expected');
  });
});
