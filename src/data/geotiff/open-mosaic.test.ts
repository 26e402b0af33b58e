import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp, type TiffOptions } from 'sharp';
import { afterAll, describe, expect, it, test } from 'vitest';
import { type TiffInit, tiff } from '../../../test/support/tiff.js';
import { LegendaError, UsageError } from '../../errors.js';
import { readRgb } from '../images/read-rgb.js';
import { openMosaic } from './open-mosaic.js';
import { windowsOf } from './windows.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-mosaic-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const file = (content: string | Uint8Array): string => {
  const path = join(folder, `${files++}.tif`);
  writeFileSync(path, content);
  return path;
};

const [width, height] = [70, 50];
/** Smooth enough for JPEG, noisy enough for codes of every length. */
const samples = (bands: number, most = 255): number[] =>
  Array.from({ length: width * height * bands }, (_, i) => {
    const [band, x, y] = [i % bands, Math.floor(i / bands) % width, Math.floor(i / bands / width)];
    return Math.round((most * ((x * (band + 2) + y * 3 + ((x * y * 7919) % 40)) % 256)) / 255);
  });
const image = (bands: 1 | 3 | 4 = 3): Sharp =>
  sharp(Uint8Array.from(samples(bands)), { raw: { width, height, channels: bands } });

/** Where the entry of a tag is in the first directory of a little-endian TIFF. */
function entryOf(bytes: Buffer, tag: number): number {
  const directory = bytes.readUInt32LE(4);
  for (let entry = directory + 2; ; entry += 12) if (bytes.readUInt16LE(entry) === tag) return entry;
}

/** All pixels of a file, put together from windows. */
async function readByWindows(path: string, tile = 32, overlap = 5): Promise<Uint8Array> {
  await using mosaic = await openMosaic(path);
  const whole = new Uint8Array(3 * mosaic.width * mosaic.height);
  for (const window of windowsOf(mosaic, { tile, overlap })) {
    const { pixels } = await mosaic.readWindow(window);
    for (let row = 0; row < window.height; row++) {
      const line = pixels.subarray(3 * row * window.width, 3 * (row + 1) * window.width);
      whole.set(line, 3 * ((window.y + row) * mosaic.width + window.x));
    }
  }
  return whole;
}

describe('windows put together are the image that readRgb gives', () => {
  const tiles = { tile: true, tileWidth: 32, tileHeight: 16 };
  test.each<[string, TiffOptions, (1 | 3 | 4)?]>([
    ['strips', { compression: 'none' }],
    ['tiles', { compression: 'none', ...tiles }],
    ['Deflate', { compression: 'deflate', predictor: 'none' }],
    ['Deflate of differences', { compression: 'deflate', predictor: 'horizontal', ...tiles }],
    ['LZW', { compression: 'lzw', predictor: 'none' }],
    ['LZW of differences', { compression: 'lzw', predictor: 'horizontal' }],
    ['PackBits', { compression: 'packbits', ...tiles }],
    ['JPEG', { compression: 'jpeg', quality: 90, ...tiles }],
    ['JPEG of grey', { compression: 'jpeg', quality: 90 }, 1],
    ['BigTIFF', { compression: 'lzw', bigtiff: true, ...tiles }],
    ['with overviews', { compression: 'deflate', pyramid: true, ...tiles }],
    ['grey', { compression: 'deflate' }, 1],
    ['alpha', { compression: 'lzw', ...tiles }, 4],
    ['0 as white', { compression: 'none', miniswhite: true }, 1],
  ])('%s', async (_, options, bands = 3) => {
    const input = bands === 1 ? image(bands).toColourspace('b-w') : image(bands);
    const path = file(await input.tiff(options).toBuffer());
    expect(await readByWindows(path)).toEqual((await readRgb(path)).pixels);
  });

  test.each<[string, Omit<TiffInit, 'width' | 'height' | 'samples'>]>([
    ['16 bits', { bits: 16 }],
    ['one band of 16 bits', { bits: 16, bands: 1 }],
    ['alpha of 16 bits', { bits: 16, bands: 4, extra: [2] }],
    ['alpha that is multiplied in', { bands: 4, extra: [1] }],
    ['near infrared', { bands: 4, extra: [0] }],
    ['grey and alpha', { bands: 2, extra: [2] }],
    ['PackBits', { packBits: true }],
  ])('%s', async (name, init) => {
    const { bands = 3, bits = 8 } = init;
    const values = samples(bands, 2 ** bits - 1);
    // colours multiplied with alpha are never above it
    if (name.includes('multiplied')) for (let i = 3; i < values.length; i += 4) values[i] = 255;
    const path = file(tiff({ width, height, samples: values, ...init }));
    expect(await readByWindows(path)).toEqual((await readRgb(path)).pixels);
  });

  it('takes colours that are multiplied with alpha as they lie on black', async () => {
    const path = file(tiff({ width: 2, height: 1, samples: [10, 20, 30, 40, 0, 0, 0, 0], bands: 4, extra: [1] }));
    expect([...(await readByWindows(path))]).toEqual([10, 20, 30, 0, 0, 0]);
  });

  it('shows black where all colours have the value of no data', async () => {
    const noData = [42113, '7'.charCodeAt(0), 0] as const;
    const path = file(tiff({ width: 3, height: 1, samples: [7, 7, 7, 7, 7, 8, 7, 0, 7], tags: [noData] }));
    expect([...(await readByWindows(path))]).toEqual([0, 0, 0, 7, 7, 8, 7, 0, 7]);
  });
});

describe('memory', () => {
  const strips = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 10, g: 20, b: 30 } } })
      .tiff({ compression: 'deflate', predictor: 'none' })
      .toBuffer();

  it('decodes a strip once for a row of windows', async () => {
    const path = file(await strips(6000, 2000));
    await using mosaic = await openMosaic(path);
    await mosaic.readWindow({ x: 0, y: 0, width: 256, height: 256 });
    // what has been decoded is not read again
    truncateSync(path, 8);
    for (let x = 0; x <= 6000 - 256; x += 224) {
      const { pixels } = await mosaic.readWindow({ x, y: 0, width: 256, height: 256 });
      expect([...pixels.subarray(0, 3)]).toEqual([10, 20, 30]);
    }
    const below = mosaic.readWindow({ x: 0, y: 1700, width: 256, height: 256 });
    await expect(below).rejects.toThrow(/is damaged or cut short: the block at 0, \d+ ends before its \d+ bytes$/);
  });

  it.each([0, 100_000, 10_000_000])('stays bounded with %i bytes of blocks', async (cacheBytes) => {
    await using mosaic = await openMosaic(file(await strips(2000, 1000)), { cacheBytes });
    const expected = Buffer.alloc(3 * 500 * 500, Uint8Array.of(10, 20, 30));
    const before = process.memoryUsage().rss;
    for (const window of windowsOf(mosaic, { tile: 500, overlap: 0 })) {
      expect(expected.equals((await mosaic.readWindow(window)).pixels)).toBe(true);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it('reads windows at once', async () => {
    const path = file(await image().tiff({ compression: 'lzw', predictor: 'none' }).toBuffer());
    await using mosaic = await openMosaic(path);
    const windows = [...windowsOf(mosaic, { tile: 10, overlap: 3 })];
    const all = await Promise.all(windows.map((window) => mosaic.readWindow(window)));
    for (const [i, window] of windows.entries()) expect(all[i]).toEqual(await mosaic.readWindow(window));
  });

  it('does not set aside what a file claims to have', async () => {
    const claiming = (...tags: (readonly [tag: number, ...values: number[]])[]): Uint8Array => {
      const bytes = Buffer.from(tiff({ width: 64, height: 64, samples: new Uint8Array(12_288), packBits: true, tags }));
      // 1,280,000 pixels each way
      for (const entry of [10, 22]) {
        bytes.writeUInt16LE(4, entry + 2);
        bytes.writeUInt32LE(1_280_000, entry + 8);
      }
      return bytes;
    };
    const tile = (side: number) => claiming([322, side], [323, side], [324, 8], [325, 8]);
    const before = process.memoryUsage().rss;
    const large = openMosaic(file(tile(50_000)));
    await expect(large).rejects.toThrow(
      'blocks of at most 134217728 bytes are read, this TIFF claims blocks of 50000×50000 pixels of 7500000000 bytes',
    );
    await expect(openMosaic(file(tile(16)))).rejects.toThrow('offsets of 6400000000 blocks were expected, 1 came');
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('refuses a block of JPEG that claims another size', async () => {
    const whole = await image().tiff({ compression: 'jpeg', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer();
    const frame = whole.indexOf(Uint8Array.of(0xff, 0xc0));
    whole.writeUInt16BE(65_500, frame + 5);
    whole.writeUInt16BE(65_500, frame + 7);
    await using mosaic = await openMosaic(file(whole));
    const before = process.memoryUsage().rss;
    await expect(mosaic.readWindow({ x: 0, y: 0, width, height })).rejects.toThrow(
      'a JPEG of 32×32 with 3 components of 8 bits was expected, one of 65500×65500 with 3 of 8 came',
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('refuses a block that unpacks to more than its size', async () => {
    const whole = await sharp({ create: { width: 4000, height: 4000, channels: 3, background: 'black' } })
      .tiff({ compression: 'deflate', predictor: 'none', tile: true, tileWidth: 4000, tileHeight: 4000 })
      .toBuffer();
    // tiles of 16 pixels each way, of which the first is all that there was
    for (const [tag, value] of [
      [256, 16],
      [257, 16],
      [322, 16],
      [323, 16],
    ] as const) {
      const entry = entryOf(whole, tag);
      whole.writeUInt32LE(value, entry + 8);
    }
    await using mosaic = await openMosaic(file(whole));
    const reading = mosaic.readWindow({ x: 0, y: 0, width: 16, height: 16 });
    await expect(reading).rejects.toThrow('the block at 0, 0 cannot be decoded');
  });
});

describe('what is refused is named', () => {
  const plain = { width, height, samples: samples(3) };

  it.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', 'is empty, a GeoTIFF was expected'],
    ['text', 'Only words.\n', 'is a text file, a GeoTIFF was expected'],
    ['another format', '\x89PNG\r\n\x1a\n', 'a GeoTIFF was expected'],
    ['a header alone', 'II*\0', 'is damaged or cut short: its header is not one of a TIFF'],
    ['a directory behind the end', 'II*\0\xff\xff\0\0', 'the directory should be at bytes'],
    ['floating point', tiff({ ...plain, bits: 32, format: 3 }), 'this TIFF has 32 bits of floating point'],
    ['a sign', tiff({ ...plain, bits: 16, format: 2 }), 'this TIFF has 16 bits with sign'],
    ['32 bits', tiff({ ...plain, bits: 32 }), 'whole numbers of 8 or 16 bits were expected, this TIFF has 32 bits'],
  ])('%s', async (_, content, message) => {
    const path = file(typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    const opening = openMosaic(path);
    await expect(opening).rejects.toBeInstanceOf(LegendaError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow(path);
    await expect(opening).rejects.toThrow(/^.{0,400}$/);
  });

  const changed = (tag: number, value: number): Uint8Array => {
    const tags = [
      [317, 1],
      [266, 1],
    ] as const;
    const bytes = Buffer.from(tiff({ ...plain, tags }));
    bytes.writeUInt16LE(value, entryOf(bytes, tag) + 8);
    return bytes;
  };
  it.each([
    ['JPEG 2000', changed(259, 34712), 'Zstandard, WebP was expected, JPEG 2000 came'],
    ['a compression of no name', changed(259, 4711), 'number 4711 came'],
    ['CMYK', changed(262, 5), 'colours: grey, RGB, a palette or YCbCr was expected, CMYK came'],
    ['chroma without JPEG', changed(262, 6), 'luma and chroma (YCbCr) are read as JPEG'],
    ['reversed bits', changed(266, 2), 'bits in reverse order (FillOrder 2) are not read'],
    ['no width', changed(256, 0), 'width: a number from 1 to'],
    ['an RGB of one band', changed(277, 1), 'three bands should be colours'],
  ])('%s', async (_, content, message) => {
    await expect(openMosaic(file(content))).rejects.toThrow(message);
  });

  it('a folder, and what is not there', async () => {
    const path = join(folder, 'a.tif');
    mkdirSync(path);
    await expect(openMosaic(path)).rejects.toThrow(`${path} is a folder, a GeoTIFF was expected`);
    await expect(openMosaic(join(folder, 'b.tif'))).rejects.toThrow('b.tif: there is no such file or folder');
  });

  it('a window that is not inside', async () => {
    await using mosaic = await openMosaic(file(tiff(plain)));
    for (const window of [
      { x: 60, y: 0, width: 11, height: 1 },
      { x: -1, y: 0, width: 1, height: 1 },
      { x: 0, y: 0, width: 0, height: 1 },
      { x: 0.5, y: 0, width: 1, height: 1 },
    ]) {
      const reading = mosaic.readWindow(window);
      await expect(reading).rejects.toBeInstanceOf(UsageError);
      await expect(reading).rejects.toThrow('a window inside the image of 70×50 was expected');
    }
  });
});

describe('a damaged file', () => {
  const kinds = ['none', 'deflate', 'lzw', 'packbits', 'jpeg', 'webp'] as const;

  it.each(kinds)('in %s that is cut short is seen when it is opened or read', async (compression) => {
    const whole = await image()
      .tiff({ compression, bigtiff: compression === 'lzw' })
      .toBuffer();
    const expected = (await readRgb(whole)).pixels;
    const cuts = [...Array(60).keys()].map((i) => Math.floor((whole.length * (i + 1)) / 61));
    let refused = 0;
    for (const cut of cuts) {
      try {
        expect(await readByWindows(file(whole.subarray(0, cut)))).toEqual(expected);
      } catch (error) {
        expect(error).toBeInstanceOf(LegendaError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it.each(kinds)('in %s with wrong bytes gives an image or an error, and no more', async (compression) => {
    const whole = await image().tiff({ compression, tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer();
    let state = 1;
    const random = (below: number): number => {
      state = (state * 48_271) % 0x7fffffff;
      return state % below;
    };
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const bytes = Buffer.from(whole);
      for (let k = 0; k < 6; k++) bytes[8 + random(bytes.length - 8)] = random(256);
      try {
        expect((await readByWindows(file(bytes))).length % 3).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(LegendaError);
        expect((error as Error).message).toMatch(/^\S+\.tif.{0,400}$/s);
        refused++;
      }
    }
    if (compression !== 'none' && compression !== 'packbits') expect(refused).toBeGreaterThan(10);
  });
});
