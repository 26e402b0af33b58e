import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { epsg, type GeoTiffInit, writeGeoTiff } from '../../../test/support/geotiff.js';
import { LegendaError } from '../../errors.js';
import type { GeoTags } from './geodesy/geo-tags.js';
import { type Georeference, georeferenceOf } from './georeference.js';
import { openMosaic } from './open-mosaic.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-georeference-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function read(init: GeoTiffInit): Promise<Georeference> {
  await using mosaic = await openMosaic(writeGeoTiff(join(folder, `${files++}.tif`), init));
  return georeferenceOf(mosaic);
}

/** Degrees. */
const tolerance = 1e-6;

function expectNear(came: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [i, value] of expected.entries()) expect(Math.abs(came[i]! - value)).toBeLessThan(tolerance);
}

/**
 * Corners of images of 10×10 pixels as GDAL 3.6.2 prints them without PROJ's grids:
 * `gdal_create -outsize 10 10 -a_srs EPSG:32633 -a_ullr 399960 5600040 509760 5490240 a.tif` and
 * `printf '0 0\n10 10\n' | gdaltransform -t_srs EPSG:4326 a.tif`.
 */
const printed: readonly (readonly [
  code: number,
  title: string,
  corner: readonly [number, number],
  pixel: readonly [number, number],
  upperLeft: readonly [number, number],
  lowerRight: readonly [number, number],
])[] = [
  [
    32633,
    'UTM north',
    [399960, 5600040],
    [10980, 10980],
    [13.5880861366, 50.5437323314],
    [15.1349705026, 49.5646762974],
  ],
  [
    32756,
    'UTM south',
    [300000, 6300000],
    [1000, 1000],
    [150.8489673138, -33.4207384903],
    [150.954340383, -33.5126960042],
  ],
  [
    28356,
    'GDA94 MGA',
    [300000, 6300000],
    [1000, 1000],
    [150.8489673138, -33.4207384912],
    [150.954340383, -33.5126960051],
  ],
  [
    7856,
    'GDA2020 MGA',
    [300000, 6300000],
    [1000, 1000],
    [150.8489673138, -33.4207384912],
    [150.954340383, -33.5126960051],
  ],
  [3857, 'web Mercator', [-5e6, -2e6], [1000, 1000], [-44.915764206, -17.6789142383], [-44.8259326776, -17.7644829163]],
  [4326, 'WGS 84', [-45, -20], [0.1, 0.1], [-45, -20], [-44, -21]],
  [4269, 'NAD83', [-80, 40], [0.1, 0.1], [-80, 40], [-79, 39]],
  [4807, 'NTF from Paris in grads', [1, 54], [0.1, 0.1], [3.2365456033, 48.5999377235], [4.1365933452, 47.6999498778]],
  [2154, 'Lambert-93', [7e5, 66e5], [1000, 1000], [3, 46.5], [3.1301804257, 46.4098801366]],
  [3035, 'LAEA Europe', [4321000, 3210000], [7900, 11000], [10, 52], [11.1255647487, 51.0058394356]],
  [3031, 'Antarctic', [-1e6, 5e5], [10000, 10000], [-63.4349488229, -79.7364208513], [-66.0375110254, -80.9535281359]],
  [3413, 'Arctic', [-1e6, 5e5], [10000, 10000], [-161.5650511771, 79.7057755379], [-158.9624889746, 80.9264857293]],
  [27700, 'British grid', [4e5, 3e5], [1000, 1000], [-2.0014331155, 52.5977924308], [-1.8540957257, 52.5078043652]],
  [28992, 'Dutch grid', [155000, 463000], [1000, 1000], [5.3872035084, 52.1551723012], [5.5330351377, 52.0652018808]],
  [
    2263,
    'New York in US feet',
    [98e4, 2e5],
    [1000, 1000],
    [-74.0153310153, 40.7156294772],
    [-73.9792665764, 40.688180974],
  ],
  [
    31983,
    'SIRGAS 2000 UTM 23S',
    [6e5, 74e5],
    [1000, 1000],
    [-44.0205499405, -23.5071150224],
    [-43.9218813627, -23.5967804456],
  ],
  [
    29193,
    'SAD69 UTM 23S',
    [5e5, 75e5],
    [1000, 1000],
    [-45.0004365061, -22.6072684179],
    [-44.9030736769, -22.6975776036],
  ],
  [2193, 'New Zealand', [16e5, 54e5], [1000, 1000], [173, -41.5516645235], [173.1200759534, -41.6416748314]],
  [2056, 'Swiss', [26e5, 12e5], [1000, 1000], [7.4386324209, 46.9510827719], [7.5697753725, 46.8610562417]],
  [5514, 'Krovak', [-7e5, -105e4], [1000, 1000], [15.0270830604, 50.0761257723], [15.1833135539, 49.9983898209]],
  [31467, 'Gauß-Krüger', [35e5, 55e5], [1000, 1000], [8.998963564, 49.6367106423], [9.1371476024, 49.5467177973]],
  [31256, 'MGI Austria', [0, 34e4], [1000, 1000], [16.3321350161, 48.1984091606], [16.4664256748, 48.1084023148]],
  [23032, 'ED50 UTM', [5e5, 55e5], [1000, 1000], [8.9988676257, 49.6507296842], [9.1371470429, 49.5607022162]],
  [26717, 'NAD27 UTM', [5e5, 45e5], [1000, 1000], [-80.9997974806, 40.6527799965], [-80.8816705646, 40.562630331]],
  [3338, 'Alaska', [0, 1e6], [1000, 1000], [-154, 58.9957342384], [-153.825877408, 58.9061600855]],
];

describe('corners are where GDAL 3.6.2 has them', () => {
  test.each(printed)('EPSG:%i, %s', async (code, _, corner, pixel, upperLeft, lowerRight) => {
    const georeference = await read({ corner, pixel, keys: epsg(code, code > 4000 && code < 5000) });
    expect(georeference.system).toBe(`EPSG:${code}`);
    expectNear(georeference.toWgs84([0, 0]), upperLeft, tolerance);
    expectNear(georeference.toWgs84([10, 10]), lowerRight, tolerance);
    // the way back is good enough to tell a tenth of a pixel
    for (const pixel of [
      [0, 0],
      [10, 10],
      [3, 7.5],
    ] as const) {
      expectNear(georeference.fromWgs84(georeference.toWgs84(pixel)), pixel, 1e-4);
    }
  });

  test('of axes to the west and south', async () => {
    const transformation = [-1000, 0, 0, -50000, 0, 1000, 0, 3e6, 0, 0, 0, 0, 0, 0, 0, 1];
    const georeference = await read({ transformation, keys: epsg(2053) });
    expectNear(georeference.toWgs84([0, 0]), [29.5042445226, -27.1107306178], tolerance);
    expectNear(georeference.toWgs84([10, 10]), [29.6055757392, -27.2005752696], tolerance);
  });

  test('of a projection whose parameters are said', async () => {
    // "+proj=tmerc +lat_0=10 +lon_0=20.5 +k=0.9993 +x_0=123000 +y_0=-45000 +ellps=bessel
    //  +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7" with a corner at 100000, 200000
    const keys = {
      GTModelTypeGeoKey: 1,
      GeographicTypeGeoKey: 32767,
      GeogGeodeticDatumGeoKey: 32767,
      GeogAngularUnitsGeoKey: 9102,
      GeogEllipsoidGeoKey: 32767,
      GeogSemiMajorAxisGeoKey: 6377397.155,
      GeogInvFlatteningGeoKey: 299.1528128,
      GeogTOWGS84GeoKey: [598.1, 73.7, 418.2, 0.202, 0.045, -2.455, 6.7],
      ProjectedCSTypeGeoKey: 32767,
      ProjectionGeoKey: 32767,
      ProjCoordTransGeoKey: 1,
      ProjLinearUnitsGeoKey: 9001,
      ProjNatOriginLongGeoKey: 20.5,
      ProjNatOriginLatGeoKey: 10,
      ProjFalseEastingGeoKey: 123000,
      ProjFalseNorthingGeoKey: -45000,
      ProjScaleAtNatOriginGeoKey: 0.9993,
    };
    const geo = { pixelScale: [1000, 1000, 0], tiePoints: [0, 0, 0, 100000, 200000, 0], transformation: [], keys };
    const georeference = georeferenceOf({ name: 'a.tif', width: 10, height: 10, geo });
    expect(georeference.system).toBe('user-defined');
    expectNear(georeference.toWgs84([0, 0]), [20.2864949594, 12.2193899109], tolerance);
    expectNear(georeference.toWgs84([10, 10]), [20.3785011254, 12.1289849771], tolerance);
  });

  test('where a file has another unit than its system', async () => {
    const keys = { ...epsg(32118), ProjLinearUnitsGeoKey: 9003 };
    const georeference = await read({ corner: [1e6, 2e5], pixel: [100, 100], keys });
    // gdaltransform -t_srs EPSG:4326
    expectNear(georeference.toWgs84([0, 0]), [-73.9431850683, 40.7156164787], tolerance);
  });

  test('where a file names its geographic system too', async () => {
    const place = { corner: [399960, 5600040], pixel: [10, 10] } as const;
    const both = await read({ ...place, keys: { ...epsg(32633), GeographicTypeGeoKey: 4326 } });
    expect(both.toWgs84([0, 0])).toEqual((await read({ ...place, keys: epsg(32633) })).toWgs84([0, 0]));
  });
});

describe('pixels', () => {
  const keys = epsg(4326, true);

  it('are areas, or points half a pixel off', async () => {
    const place = { corner: [10, 50], pixel: [0.5, 0.25] } as const;
    expect((await read({ ...place, keys })).toWgs84([0, 0])).toEqual([10, 50]);
    const points = await read({ ...place, keys: { ...keys, GTRasterTypeGeoKey: 2 } });
    expect(points.toWgs84([0, 0])).toEqual([9.75, 50.125]);
    expect(points.toWgs84([0.5, 0.5])).toEqual([10, 50]);
  });

  it('lie at an angle', async () => {
    const transformation = [0.1, 0.02, 0, 10, 0.03, -0.2, 0, 50, 0, 0, 0, 0, 0, 0, 0, 1];
    const rotated = await read({ transformation, keys });
    expectNear(rotated.toWgs84([2, 3]), [10.26, 49.46], 1e-12);
    expectNear(rotated.fromWgs84([10.26, 49.46]), [2, 3], 1e-9);
    const points = await read({ transformation, keys: { ...keys, GTRasterTypeGeoKey: 2 } });
    expectNear(points.toWgs84([2.5, 3.5]), [10.26, 49.46], 1e-12);
  });

  it('go on beyond 180° in a geographic system', async () => {
    const georeference = await read({ corner: [170, 10], pixel: [2, 2], keys });
    expect(georeference.toWgs84([10, 10])).toEqual([190, -10]);
    expect(georeference.fromWgs84([190, -10])).toEqual([10, 10]);
  });
});

describe('what has no place on Earth is refused', () => {
  const geo = { pixelScale: [1, 1, 0], tiePoints: [0, 0, 0, 10, 50, 0], transformation: [], keys: epsg(4326, true) };
  const of = (more: Partial<GeoTags>) =>
    georeferenceOf({ name: 'a.tif', width: 10, height: 10, geo: { ...geo, ...more } });

  it('no georeference, tie points alone, one that maps all to a line', () => {
    const none =
      'a.tif: a georeference was expected (ModelPixelScale and ModelTiepoint, or ModelTransformation), none came';
    expect(() => of({ pixelScale: [], tiePoints: [] })).toThrow(none);
    expect(() => of({ pixelScale: [] })).toThrow('tie points alone came; gdalwarp');
    expect(() => of({ pixelScale: [0, 0, 0] })).toThrow('tie points alone came');
    expect(() => of({ pixelScale: [Number.NaN, 1, 0] })).toThrow('one came that maps pixels to nothing');
    expect(() => of({ keys: {} })).toThrow(
      'a reference system was expected that leads to WGS 84, but its geo keys name none',
    );
  });

  it.each([
    ['an unknown system', epsg(12345), 'EPSG:12345 is not a system whose way to WGS 84 is known'],
    ['a system that is not computed', epsg(6247), 'EPSG:6247 is not a system'],
    ['a local system', { ...epsg(32633), GTModelTypeGeoKey: 32767 }, '(geographic) was expected, 32767 came'],
    ['a geocentric system', { GTModelTypeGeoKey: 3, GeographicTypeGeoKey: 4978 }, '(geographic) was expected, 3 came'],
    ['no method', { ...epsg(32767), GeographicTypeGeoKey: 4326 }, 'was expected, none came'],
    ['a method of no name', { ...epsg(32767), GeographicTypeGeoKey: 4326, ProjCoordTransGeoKey: 23 }, ', 23 came'],
    ['no datum', { ...epsg(32767), ProjCoordTransGeoKey: 1 }, 'it says no geographic system'],
    ['an unknown unit', { ...epsg(32633), ProjLinearUnitsGeoKey: 9999 }, 'ProjLinearUnitsGeoKey: one of'],
  ])('%s', (_, keys, message) => {
    expect(() => of({ keys })).toThrow(LegendaError);
    expect(() => of({ keys })).toThrow(/^a\.tif: a reference system was expected that leads to WGS 84, but /);
    expect(() => of({ keys })).toThrow(message);
  });

  it('a place outside of the projection', async () => {
    const far = await read({ corner: [1e9, 1e9], pixel: [10, 10], keys: epsg(32633) });
    expect(() => far.toWgs84([0, 0])).toThrow(
      /\d\.tif: pixel 0, 0 is at 1000000000, 1000000000 of EPSG:32633, a place on Earth was expected$/,
    );
    const high = await read({ corner: [0, 95], pixel: [1, 1], keys: epsg(4326, true) });
    expect(() => high.toWgs84([0, 0])).toThrow('is at 0, 95 of EPSG:4326, a place on Earth');
    expect(high.toWgs84([0, 5])).toEqual([0, 90]);
  });
});
