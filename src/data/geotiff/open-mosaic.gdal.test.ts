import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gdal, hasGdal, type Raster, readRaster, withoutGdal, writeRaster } from '../../../test/support/gdal.js';
import { readRgb } from '../images/read-rgb.js';
import { openMosaic } from './open-mosaic.js';
import type { Window } from './windows.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-mosaic-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [width, height] = [200, 150];

/** Smooth with some noise, different in every band, and with all values of 8 bits. */
function raster(bands: number, bits: 8 | 16): Raster {
  const samples = new (bits === 8 ? Uint8Array : Uint16Array)(width * height * bands);
  let noise = 12345;
  for (let i = 0; i < samples.length; i++) {
    noise = (noise * 1103515245 + 12345) & 0x7fffffff;
    const [band, x, y] = [i % bands, Math.floor(i / bands) % width, Math.floor(i / bands / width)];
    const value = 128 + 90 * Math.sin((x + 40 * band) / 23) * Math.cos((y - 7 * band) / 31) + ((noise >> 16) % 60) - 30;
    const clamped = Math.max(0, Math.min(255, value));
    samples[i] = bits === 8 ? clamped : clamped * 257 - ((noise >> 8) % 200);
  }
  return { width, height, bands, samples };
}

const sources = [1, 2, 3, 4, 5, 6].flatMap((bands) => ([8, 16] as const).map((bits) => [bands, bits] as const));
const sourceOf = (bands: number, bits: number): string => join(folder, `${bands}x${bits}.raw`);

beforeAll(() => {
  if (hasGdal) for (const [bands, bits] of sources) writeRaster(sourceOf(bands, bits), raster(bands, bits));
});

const windows: readonly Window[] = [
  { x: 0, y: 0, width: 64, height: 64 },
  { x: 37, y: 23, width: 129, height: 97 },
  { x: 136, y: 86, width: 64, height: 64 },
  { x: 199, y: 149, width: 1, height: 1 },
  { x: 0, y: 0, width, height },
];

/** What the first three bands, or the first one, look like. */
function look({ bands, samples }: Raster, alpha?: number): Uint8Array {
  const most = samples instanceof Uint16Array ? 65_535 : 255;
  const shift = most === 255 ? 0 : 8;
  const pixels = samples.length / bands;
  const grey = bands - Number(alpha !== undefined) < 3;
  return Uint8Array.from({ length: 3 * pixels }, (_, i) => {
    const at = Math.floor(i / 3) * bands;
    const value = samples[at + (grey ? 0 : i % 3)]!;
    const opacity = alpha === undefined ? most : samples[at + alpha]!;
    return Math.floor((value * opacity) / most) >> shift;
  });
}

const largestDifference = (a: Uint8Array, b: Uint8Array): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
};

/** A window of [height, width, 3] pixels. */
function crop(pixels: Uint8Array, window: Window): Uint8Array {
  const out = new Uint8Array(3 * window.width * window.height);
  for (let row = 0; row < window.height; row++) {
    const at = 3 * ((window.y + row) * width + window.x);
    out.set(pixels.subarray(at, at + 3 * window.width), 3 * row * window.width);
  }
  return out;
}

async function compare(path: string, whole: Uint8Array, tolerance = 0): Promise<void> {
  // a test of something
  expect(new Set(whole).size).toBeGreaterThan(100);
  await using mosaic = await openMosaic(path);
  expect(mosaic).toMatchObject({ name: path, width, height });
  for (const window of windows) {
    const { pixels, ...size } = await mosaic.readWindow(window);
    expect(size).toEqual({ width: window.width, height: window.height });
    expect(largestDifference(pixels, crop(whole, window))).toBeLessThanOrEqual(tolerance);
  }
}

const strips = ['BLOCKYSIZE=32'];
const tiles = ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48'];
const apart = ['INTERLEAVE=BAND', 'BLOCKYSIZE=16'];
const tilesApart = ['TILED=YES', 'BLOCKXSIZE=32', 'BLOCKYSIZE=64', 'INTERLEAVE=BAND'];

describe.skipIf(!hasGdal)(`windows are as GDAL reads them${withoutGdal}`, { concurrent: true }, () => {
  let number = 0;
  const make = async (source: string, options: readonly string[], more: readonly string[] = []): Promise<string> => {
    const path = join(folder, `${number++}.tif`);
    const creation = options.flatMap((option) => ['-co', option]);
    await gdal('gdal_translate', ['-q', ...more, ...creation, source, path]);
    return path;
  };
  const all = [0, 0, width, height];

  test.each<[name: string, bits: 8 | 16, ...options: (readonly string[])[]]>([
    ['strips', 8, strips],
    ['strips of 16 bits', 16, strips],
    ['one strip', 16, ['BLOCKYSIZE=150']],
    ['tiles', 16, tiles],
    ['bands apart', 16, apart],
    ['tiles, bands apart', 8, tilesApart],
    ['Deflate in strips of one row', 8, ['COMPRESS=DEFLATE', 'BLOCKYSIZE=1']],
    ['Deflate of differences', 8, tiles, ['COMPRESS=DEFLATE', 'PREDICTOR=2']],
    ['Deflate of differences of 16 bits', 16, strips, ['COMPRESS=DEFLATE', 'PREDICTOR=2']],
    ['Deflate of differences, bands apart', 16, tilesApart, ['COMPRESS=DEFLATE', 'PREDICTOR=2']],
    ['LZW', 8, strips, ['COMPRESS=LZW']],
    ['LZW of 16 bits', 16, ['COMPRESS=LZW', 'BLOCKYSIZE=150']],
    ['LZW of differences', 16, tiles, ['COMPRESS=LZW', 'PREDICTOR=2']],
    ['PackBits', 8, strips, ['COMPRESS=PACKBITS']],
    ['PackBits, bands apart', 16, apart, ['COMPRESS=PACKBITS']],
    ['Zstandard', 8, tiles, ['COMPRESS=ZSTD']],
    ['Zstandard of differences', 16, strips, ['COMPRESS=ZSTD', 'PREDICTOR=2']],
    ['BigTIFF', 8, strips, ['BIGTIFF=YES']],
    ['BigTIFF in Deflate', 8, tiles, ['BIGTIFF=YES', 'COMPRESS=DEFLATE']],
    ['big-endian', 16, strips, ['ENDIANNESS=BIG']],
    ['big-endian Deflate of differences', 16, tiles, ['ENDIANNESS=BIG', 'COMPRESS=DEFLATE', 'PREDICTOR=2']],
    ['big-endian with a long table', 8, ['ENDIANNESS=BIG', 'COMPRESS=DEFLATE', 'BLOCKYSIZE=1', 'INTERLEAVE=BAND']],
    ['big-endian BigTIFF in LZW', 16, ['ENDIANNESS=BIG', 'BIGTIFF=YES', 'COMPRESS=LZW', 'BLOCKYSIZE=1']],
  ])('%s', async (_, bits, ...options) => {
    await compare(await make(sourceOf(3, bits), options.flat()), look(raster(3, bits)));
  });

  test.each([
    ['one band', 1, 8, tiles, [], undefined],
    ['one band of 16 bits', 1, 16, strips, [], undefined],
    ['grey and alpha', 2, 8, strips, ['ALPHA=YES'], 1],
    ['grey and alpha, bands apart', 2, 16, apart, ['ALPHA=YES'], 1],
    ['grey and something', 2, 16, tiles, ['ALPHA=NO'], undefined],
    ['RGB and alpha', 4, 8, tiles, ['ALPHA=YES'], 3],
    ['RGB and alpha of 16 bits', 4, 16, strips, ['ALPHA=YES', 'PHOTOMETRIC=RGB'], 3],
    ['RGB and alpha, bands apart', 4, 8, tilesApart, ['ALPHA=YES'], 3],
    ['RGB and near infrared', 4, 8, strips, ['ALPHA=NO'], undefined],
    ['RGB and near infrared of 16 bits', 4, 16, tiles, ['ALPHA=NO'], undefined],
    ['five bands', 5, 16, apart, ['PHOTOMETRIC=MINISBLACK', 'ALPHA=NO'], undefined],
    ['three bands of 16 bits', 3, 16, strips, ['PHOTOMETRIC=MINISBLACK', 'ALPHA=NO'], undefined],
    ['four bands', 4, 8, tiles, ['PHOTOMETRIC=MINISBLACK', 'ALPHA=NO'], undefined],
    ['six bands', 6, 8, tiles, ['PHOTOMETRIC=MINISBLACK', 'ALPHA=NO'], undefined],
    ['five bands, the last alpha', 5, 8, tilesApart, ['PHOTOMETRIC=RGB', 'ALPHA=NO'], undefined],
  ] as const)('%s', async (_, bands, bits, layout, options, alpha) => {
    const path = await make(sourceOf(bands, bits), ['COMPRESS=DEFLATE', ...layout, ...options]);
    await compare(path, look(raster(bands, bits), alpha));
    expect(largestDifference((await readRgb(path)).pixels, look(raster(bands, bits), alpha))).toBeLessThanOrEqual(1);
  });

  test.each([
    ['JPEG of luma and chroma', 3, tiles, ['COMPRESS=JPEG', 'PHOTOMETRIC=YCBCR'], undefined],
    ['JPEG of luma and chroma in strips', 3, strips, ['COMPRESS=JPEG', 'PHOTOMETRIC=YCBCR'], undefined],
    ['JPEG of RGB', 3, strips, ['COMPRESS=JPEG', 'PHOTOMETRIC=RGB'], undefined],
    ['JPEG of RGB, bands apart', 3, tilesApart, ['COMPRESS=JPEG', 'PHOTOMETRIC=RGB'], undefined],
    ['JPEG of grey', 1, tiles, ['COMPRESS=JPEG'], undefined],
    ['JPEG of grey and alpha', 2, tiles, ['COMPRESS=JPEG', 'ALPHA=YES'], 1],
    ['JPEG of RGB and alpha', 4, tiles, ['COMPRESS=JPEG', 'PHOTOMETRIC=RGB', 'ALPHA=YES'], 3],
    ['JPEG of RGB and near infrared', 4, apart, ['COMPRESS=JPEG', 'PHOTOMETRIC=RGB', 'ALPHA=NO'], undefined],
    [
      'JPEG with tables in every block',
      3,
      tiles,
      ['COMPRESS=JPEG', 'JPEGTABLESMODE=0', 'PHOTOMETRIC=YCBCR'],
      undefined,
    ],
    ['JPEG with all tables in front', 3, strips, ['COMPRESS=JPEG', 'JPEGTABLESMODE=3'], undefined],
    ['WebP', 3, tiles, ['COMPRESS=WEBP', 'WEBP_LEVEL=80'], undefined],
    ['WebP with alpha', 4, strips, ['COMPRESS=WEBP', 'WEBP_LOSSLESS=YES', 'ALPHA=YES'], 3],
  ] as const)('%s', async (_, bands, layout, options, alpha) => {
    const path = await make(sourceOf(bands, 8), [...layout, ...options]);
    await compare(path, look(await readRaster(path, all), alpha), 1);
  });

  test('a palette', async () => {
    const table = Array.from({ length: 256 }, (_, i) => {
      return `<Entry c1="${(i * 7) % 256}" c2="${255 - i}" c3="${(i * 13) % 256}" c4="255"/>`;
    });
    const vrt = join(folder, 'palette.vrt');
    await gdal('gdal_translate', ['-q', '-of', 'VRT', sourceOf(1, 8), vrt]);
    const xml = readFileSync(vrt, 'utf8').replace(/<ColorInterp>.*<\/ColorInterp>/, '');
    const colours = `<ColorInterp>Palette</ColorInterp><ColorTable>${table.join('')}</ColorTable>`;
    writeFileSync(vrt, xml.replace(/(<VRTRasterBand [^>]*>)/, `$1${colours}`));
    for (const options of [['COMPRESS=LZW'], ['ENDIANNESS=BIG']]) {
      const path = await make(vrt, options);
      await compare(path, look(await readRaster(path, all, ['-expand', 'rgb'])));
    }
  });

  test('0 as white', async () => {
    for (const bits of [8, 16]) {
      const path = await make(sourceOf(1, bits), ['PHOTOMETRIC=MINISWHITE', 'COMPRESS=DEFLATE']);
      await compare(
        path,
        look(await readRaster(path, all)).map((value) => 255 - value),
      );
    }
  });

  test('no data, overviews, a mask, blocks that are left out', async () => {
    const path = await make(sourceOf(3, 8), [...tiles, 'COMPRESS=DEFLATE'], ['-a_nodata', '255']);
    await gdal('gdaladdo', ['-q', path, '2', '4']);
    const white = (rgb: Uint8Array): Uint8Array => {
      for (let i = 0; i < rgb.length; i += 3) {
        if (rgb[i] === 255 && rgb[i + 1] === 255 && rgb[i + 2] === 255) rgb.fill(0, i, i + 3);
      }
      return rgb;
    };
    await compare(path, white(look(await readRaster(path, all))));

    const sparse = join(folder, 'sparse.tif');
    await gdal('gdalwarp', [
      ...['-q', '-co', 'SPARSE_OK=TRUE', '-co', 'TILED=YES', '-co', 'BLOCKXSIZE=16', '-co', 'BLOCKYSIZE=16'],
      ...['-to', 'SRC_METHOD=NO_GEOTRANSFORM', '-to', 'DST_METHOD=NO_GEOTRANSFORM', '-te', '-100', '0', '100', '150'],
      ...['-ts', '200', '150', sourceOf(3, 8), sparse],
    ]);
    const whole = look(await readRaster(sparse, all));
    expect(crop(whole, { x: 0, y: 0, width: 100, height: 150 }).every((value) => value === 0)).toBe(true);
    await compare(sparse, whole);
  });
});
