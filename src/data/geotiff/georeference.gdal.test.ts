import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { gdal, hasGdal36, toWgs84, withoutGdal36 } from '../../../test/support/gdal.js';
import { georeferenceOf } from './georeference.js';
import { openMosaic } from './open-mosaic.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-georeference-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Degrees. */
const tolerance = 1e-6;

describe.skipIf(!hasGdal36)(`corners are where GDAL has them${withoutGdal36}`, { concurrent: true }, () => {
  let files = 0;
  async function compare(system: string, bounds: readonly number[]): Promise<void> {
    const path = join(folder, `${files++}.tif`);
    const options = ['-q', '-of', 'GTiff', '-outsize', '10', '10', '-a_srs', system, '-a_ullr', ...bounds.map(String)];
    await gdal('gdal_create', [...options, path]);
    await using mosaic = await openMosaic(path);
    const georeference = georeferenceOf(mosaic);
    const pixels = [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
      [4.5, 6],
    ] as const;
    for (const [i, expected] of (await toWgs84(path, pixels)).entries()) {
      const came = georeference.toWgs84(pixels[i]!);
      expect(Math.abs(came[0] - expected[0]!)).toBeLessThan(tolerance);
      expect(Math.abs(came[1] - expected[1]!)).toBeLessThan(tolerance);
    }
  }

  test.each([
    [4258, 'ETRS89', [10, 50, 11, 49]],
    [4674, 'SIRGAS 2000', [-45, -20, -44, -21]],
    [4490, 'CGCS2000', [100, 40, 101, 39]],
    [25832, 'ETRS89 UTM', [5e5, 55e5, 51e4, 549e4]],
    [3067, 'Finland', [4e5, 70e5, 41e4, 699e4]],
    [2180, 'Poland, north before east', [5e5, 5e5, 51e4, 49e4]],
    [3003, 'Monte Mario', [15e5, 50e5, 151e4, 499e4]],
    [21781, 'Switzerland', [6e5, 2e5, 61e4, 19e4]],
    [5070, 'Conus Albers', [0, 2e6, 1e4, 199e4]],
    [2227, 'California in US feet', [6e6, 21e5, 601e4, 209e4]],
    [2039, 'Israel', [2e5, 6e5, 21e4, 59e4]],
    [3395, 'World Mercator', [-5e6, -2e6, -499e4, -201e4]],
    [32661, 'polar north', [1e6, 1e6, 11e5, 9e5]],
    [3832, 'Pacific', [-1e6, 1e6, -9e5, 9e5]],
    [22523, 'Corrego Alegre', [5e5, 75e5, 51e4, 749e4]],
    [30161, 'Tokyo datum', [0, 0, 1e4, -1e4]],
    [3857, 'web Mercator across 180°', [2e7, 1e6, 201e5, 9e5]],
  ] as const)('EPSG:%i, %s', async (code, _, bounds) => {
    await compare(`EPSG:${code}`, bounds);
  });

  const area = [1e5, 2e5, 11e4, 19e4];
  test.each([
    '+proj=tmerc +lat_0=10 +lon_0=20.5 +k=0.9993 +x_0=123000 +y_0=-45000 +datum=WGS84',
    '+proj=tmerc +lat_0=40 +lon_0=-80.5 +k=0.9993 +x_0=200000 +y_0=1000 +datum=NAD83 +units=us-ft',
    '+proj=utm +zone=33 +south +ellps=intl +towgs84=-87,-98,-121',
    '+proj=lcc +lat_0=40 +lon_0=10 +lat_1=38 +lat_2=43 +x_0=500000 +y_0=100000 +datum=WGS84',
    '+proj=lcc +lat_0=40 +lon_0=10 +lat_1=40 +k_0=0.9998 +x_0=500000 +y_0=100000 +datum=WGS84 +units=ft',
    '+proj=laea +lat_0=45 +lon_0=12 +x_0=100 +y_0=200 +ellps=GRS80',
    '+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=10 +y_0=20 +datum=NAD83',
    '+proj=merc +lon_0=30 +k=0.95 +x_0=500 +y_0=600 +datum=WGS84',
    '+proj=merc +lon_0=30 +lat_ts=30 +datum=WGS84',
    '+proj=merc +lon_0=0 +R=6371000',
    '+proj=stere +lat_0=90 +lon_0=10 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84',
    '+proj=stere +lat_0=-90 +lat_ts=-72 +lon_0=15 +x_0=10 +y_0=20 +datum=WGS84',
    '+proj=stere +lat_0=52 +lon_0=5 +k=0.9999 +datum=WGS84',
    '+proj=sterea +lat_0=52 +lon_0=5 +k=0.9999 +x_0=155000 +y_0=463000 +ellps=bessel +towgs84=565,50,465',
    '+proj=aeqd +lat_0=30 +lon_0=5 +datum=WGS84',
    '+proj=cass +lat_0=30 +lon_0=5 +datum=WGS84',
    '+proj=poly +lat_0=0 +lon_0=-54 +datum=WGS84',
    '+proj=sinu +lon_0=20 +datum=WGS84',
    '+proj=eqc +lat_ts=30 +lon_0=20 +datum=WGS84',
    '+proj=eqdc +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +datum=NAD83',
    '+proj=cea +lat_ts=30 +lon_0=20 +datum=WGS84',
    '+proj=omerc +lat_0=45 +lonc=-86 +alpha=337 +k=0.9996 +no_uoff +gamma=337 +datum=NAD83',
    '+proj=omerc +lat_0=4 +lonc=115 +alpha=53.3 +k=0.99984 +x_0=590476 +y_0=442857 +gamma=53.13 +ellps=intl',
  ])('%s', async (system) => {
    await compare(system, area);
  });

  test.each([
    ['+proj=longlat +ellps=intl +towgs84=-87,-98,-121'],
    ['+proj=longlat +ellps=bessel +pm=2.5'],
    ['+proj=longlat +R=6371000'],
  ])('%s', async (system) => {
    await compare(system, [10, 50, 11, 49]);
  });

  test('kilometres', async () => {
    await compare('+proj=tmerc +lat_0=10 +lon_0=20.5 +x_0=500000 +ellps=intl +units=km', [400, 200, 410, 190]);
  });

  test('WKT of a datum that EPSG has, with a projection that it has not', async () => {
    const wkt = `PROJCS["mine",GEOGCS["OSGB36",DATUM["Ordnance_Survey_of_Great_Britain_1936",
      SPHEROID["Airy 1830",6377563.396,299.3249646],AUTHORITY["EPSG","6277"]],PRIMEM["Greenwich",0],
      UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4277"]],PROJECTION["Transverse_Mercator"],
      PARAMETER["latitude_of_origin",50],PARAMETER["central_meridian",-3],PARAMETER["scale_factor",0.999],
      PARAMETER["false_easting",1000],PARAMETER["false_northing",2000],UNIT["metre",1]]`;
    await compare(wkt.replace(/\s*\n\s*/g, ''), [0, 2e5, 1e4, 19e4]);
  });
});
