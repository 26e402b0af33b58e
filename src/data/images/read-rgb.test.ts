import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it, test } from 'vitest';
import { dataFile } from '../../../test/support/data.js';
import { tiff } from '../../../test/support/tiff.js';
import { LegendaError } from '../../errors.js';
import type { RgbImage } from './decode.js';
import { readRgb } from './read-rgb.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

const width = 24;
const height = 16;
/** Smooth enough for JPEG: red grows to the right, green downwards. */
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
  const x = Math.floor(i / 3) % width;
  const y = Math.floor(i / 3 / width);
  return [x * 10, y * 15, 128][i % 3]!;
});
const image = (): Sharp => sharp(pixels, { raw: { width, height, channels: 3 } });

const largestDifference = (a: Uint8Array, b: Uint8Array): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
};

const pixelAt = ({ width, pixels }: RgbImage, x: number, y: number): number[] => [
  ...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('every format gives its pixels', () => {
  /** GeoTIFF's, which libtiff warns of. */
  const geoTags = [
    [33550, 1, 1, 0],
    [34735, 1, 1, 0, 0],
    [65000, 1],
  ] as const;

  test.each<[string, () => Promise<Uint8Array>, number]>([
    ['PNG', () => image().png().toBuffer(), 0],
    ['PNG of 16 bits', () => image().toColourspace('rgb16').png().toBuffer(), 0],
    ['TIFF as it is', () => image().tiff({ compression: 'none' }).toBuffer(), 0],
    ['TIFF in PackBits', () => image().tiff({ compression: 'packbits' }).toBuffer(), 0],
    ['TIFF in PackBits, directory first', async () => tiff({ width, height, samples: pixels, packBits: true }), 0],
    ['TIFF in LZW', () => image().tiff({ compression: 'lzw' }).toBuffer(), 0],
    ['TIFF with tags of other programs', async () => tiff({ width, height, samples: pixels, tags: geoTags }), 0],
    ['WebP', () => image().webp({ lossless: true }).toBuffer(), 0],
    ['JPEG', () => image().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), 4],
    [
      'progressive JPEG',
      () => image().jpeg({ quality: 100, progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
      4,
    ],
    ['lossy WebP', () => image().webp({ quality: 100 }).toBuffer(), 40],
  ])('%s', async (_, make, tolerance) => {
    const read = await readRgb(await make());
    expect(read).toMatchObject({ width, height });
    expect(largestDifference(read.pixels, pixels)).toBeLessThanOrEqual(tolerance);
  });

  it('palettes are looked up', async () => {
    const flat = Uint8Array.from(
      { length: 8 * 8 * 3 },
      (_, i) => (Math.floor(i / 3) % 8 < 4 ? [200, 10, 30] : [0, 90, 250])[i % 3]!,
    );
    const bytes = await sharp(flat, { raw: { width: 8, height: 8, channels: 3 } })
      .png({ palette: true, colours: 2 })
      .toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    expect((await readRgb(bytes)).pixels).toEqual(flat);
  });

  it('a CMYK JPEG has its colours', async () => {
    const bytes = await sharp({ create: { width: 16, height: 16, channels: 3, background: { r: 150, g: 110, b: 90 } } })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk', channels: 4 });
    const read = await readRgb(bytes);
    expect(largestDifference(Uint8Array.from(pixelAt(read, 8, 8)), Uint8Array.of(150, 110, 90))).toBeLessThan(16);
  });

  it('the upper 8 of 16 bits count, and one band is repeated', async () => {
    const grey = Uint16Array.from({ length: width * height }, (_, i) => i * 170);
    const upper = Uint8Array.from({ length: width * height * 3 }, (_, i) => grey[Math.floor(i / 3)]! >> 8);
    const read = await readRgb(tiff({ width, height, samples: grey, bands: 1, bits: 16 }));
    expect(read.pixels).toEqual(upper);
    const colours = Uint16Array.from(pixels, (value, i) => value * 256 + (i % 256));
    expect((await readRgb(tiff({ width, height, samples: colours, bits: 16 }))).pixels).toEqual(pixels);
    expect(
      (await readRgb(tiff({ width, height, samples: upper.filter((_, i) => i % 3 === 0), bands: 1 }))).pixels,
    ).toEqual(upper);
  });

  it('EXIF orientation is applied', async () => {
    const bytes = await image().jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer();
    const read = await readRgb(bytes);
    expect(read).toMatchObject({ width: height, height: width });
    // A quarter turn clockwise: what was below on the left is now above on the left.
    const [red, green] = pixelAt(read, 0, 0) as [number, number];
    expect(red).toBeLessThan(10);
    expect(green).toBeGreaterThan(215);
  });

  it('transparent pixels show the background', async () => {
    const bytes = await sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 250, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(pixelAt(await readRgb(bytes), 0, 0)).toEqual([0, 0, 0]);
    expect(pixelAt(await readRgb(bytes, { background: [1, 2, 3] }), 0, 0)).toEqual([1, 2, 3]);
  });

  it.each([4, 5])('of %d bands without alpha the first three are the colours', async (bands) => {
    const samples = Uint8Array.from({ length: width * height * bands }, (_, i) =>
      i % bands < 3 ? pixels[3 * Math.floor(i / bands) + (i % bands)]! : 7,
    );
    const extra = new Array<number>(bands - 3).fill(0);
    expect((await readRgb(tiff({ width, height, samples, bands, extra }))).pixels).toEqual(pixels);
  });

  it.each([
    [3, 16, 1, [0, 0]],
    [4, 8, 1, [0, 0, 0]],
    [5, 16, 1, [0, 0, 0, 0]],
    [6, 8, 2, [0, 0, 0]],
    [7, 16, 1, [0, 0, 0, 0, 0, 0]],
    [5, 8, 2, [2, 0]],
  ])('of %d bands of %d bits (photometric %d, others %j) the first three are the colours', async (...kind) => {
    const [bands, bits, photometric, extra] = kind;
    const most = 2 ** bits - 1;
    const samples = Array.from({ length: width * height * bands }, (_, i) =>
      i % bands < 3 ? pixels[3 * Math.floor(i / bands) + (i % bands)]! * (most / 255) : most,
    );
    const bytes = tiff({ width, height, samples, bands, bits, photometric, extra });
    expect(await readRgb(bytes)).toEqual({ width, height, pixels });
    const amid = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect((await readRgb(amid)).pixels).toEqual(pixels);
    const limited = readRgb(bytes, { maxPixels: 383, name: 'tile 7' });
    await expect(limited).rejects.toThrow(
      'tile 7 is a TIFF that claims to have 24×16 pixels: at most 383 are accepted',
    );
    const cut = readRgb(bytes.subarray(0, bytes.length - 1), { name: 'tile 7' });
    await expect(cut).rejects.toThrow('tile 7 is damaged or cut short');
  });

  it('alpha hides before near infrared', async () => {
    const samples = Uint8Array.from({ length: width * height * 5 }, (_, i) => [200, 200, 200, 0, 255][i % 5]!);
    const read = await readRgb(tiff({ width, height, samples, bands: 5, extra: [2, 0] }));
    expect(read.pixels).toEqual(new Uint8Array(width * height * 3));
  });

  it('a fourth band that is alpha hides', async () => {
    const samples = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 0 : 200));
    const { pixels: flattened } = await readRgb(tiff({ width, height, samples, bands: 4, extra: [2] }));
    expect(flattened).toEqual(new Uint8Array(width * height * 3));
  });

  it('images of Sydney-Captions', async (context) => {
    const path = dataFile('sydney-captions', 'images', '1.tif');
    if (!path) return context.skip('no sydney-captions in the data root');
    const read = await readRgb(path);
    expect(read).toMatchObject({ width: 500, height: 500 });
    expect(read.pixels.length).toBe(750_000);
  });
});

describe('a file that is cut short is never filled up', () => {
  const noise = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => (i * i * 31 + i * 7) % 251);
  const busy = (): Sharp => sharp(noise, { raw: { width: 40, height: 40, channels: 3 } });

  test.each<[string, () => Promise<Uint8Array>]>([
    ['JPEG', () => busy().jpeg().toBuffer()],
    ['progressive JPEG', () => busy().jpeg({ progressive: true }).toBuffer()],
    ['PNG', () => busy().png().toBuffer()],
    ['TIFF', () => busy().tiff({ compression: 'lzw' }).toBuffer()],
    ['TIFF with the directory first', async () => tiff({ width: 40, height: 40, samples: noise, packBits: true })],
    ['WebP', () => busy().webp().toBuffer()],
  ])('%s, at many places', async (_, make) => {
    const bytes = await make();
    const whole = await readRgb(bytes);
    const cuts = new Set([1, 2, 4, 12, 13].map((left) => bytes.length - left));
    for (let i = 1; i < 24; i++) cuts.add(Math.floor((bytes.length * i) / 24));
    let refused = 0;
    for (const cut of cuts) {
      try {
        // Behind the last pixel some formats have bytes that say nothing about it.
        expect((await readRgb(bytes.subarray(0, cut))).pixels).toEqual(whole.pixels);
        expect(cut).toBeGreaterThan(bytes.length - 20);
      } catch (error) {
        expect(error).toBeInstanceOf(LegendaError);
        expect((error as Error).message).toMatch(/^the image is (?:damaged or cut short|a text file|none of)/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});

describe('what is refused is named', () => {
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const svg =
    '<?xml version="1.0"?>\n<!-- an image -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

  it.each<[string, string | Uint8Array, string]>([
    ['nothing.tif', '', 'is empty, an image was expected (TIFF, PNG, JPEG or WebP)'],
    ['notes.tif', 'Only words.\n', 'is a text file, an image was expected'],
    ['drawing.png', svg, 'is an SVG, an image was expected'],
    ['page.jpg', '<!DOCTYPE html><html><svg>', 'is an HTML page'],
    ['report.tif', '%PDF-1.7\n', 'is a PDF'],
    ['film.webp', 'GIF89a…', 'is a GIF'],
    ['photo.jpg', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'is a HEIF'],
    ['bytes.tif', Uint8Array.of(1, 2, 3, 4, 5), 'is none of the formats that are known'],
    ['header.tif', 'II*\0', 'is damaged or cut short: this TIFF cannot be decoded'],
    ['header.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'is damaged or cut short: this JPEG cannot be decoded'],
  ])('%s', async (name, content, message) => {
    const path = file(name, content);
    const reading = readRgb(path);
    await expect(reading).rejects.toBeInstanceOf(LegendaError);
    await expect(reading).rejects.toThrow(`${path} ${message}`);
    await expect(reading).rejects.toThrow(/^.{0,400}$/);
  });

  it('a folder, and what is not there', async () => {
    mkdirSync(join(folder, 'a.tif'));
    await expect(readRgb(join(folder, 'a.tif'))).rejects.toThrow('a.tif is a folder, an image was expected');
    await expect(readRgb(join(folder, 'b.tif'))).rejects.toThrow('b.tif: there is no such file or folder');
  });

  it.each([
    ['32 bits', { bits: 32 }, 'the image has 32 bits: a TIFF of'],
    ['fractions', { bits: 32, format: 3 }, 'has 32 bits with sign or fraction'],
    ['a sign', { bits: 16, format: 2 }, 'has 16 bits with sign or fraction'],
  ])('a TIFF with %s', async (_, init, message) => {
    await expect(readRgb(tiff({ width, height, samples: pixels, ...init }))).rejects.toThrow(message);
  });

  it('a header that claims 40,000×40,000 pixels, before anything is decoded', async () => {
    const png = Buffer.from(await image().png().toBuffer());
    png.writeUInt32BE(40_000, 16);
    png.writeUInt32BE(40_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const jpeg = Buffer.from(await image().jpeg().toBuffer());
    const frame = jpeg.indexOf(Uint8Array.of(0xff, 0xc0));
    jpeg.writeUInt16BE(40_000, frame + 5);
    jpeg.writeUInt16BE(40_000, frame + 7);
    const large = Buffer.from(tiff({ width, height, samples: pixels }));
    large.writeUInt16LE(40_000, 18);
    large.writeUInt16LE(40_000, 30);
    for (const bytes of [png, jpeg, large]) {
      const before = process.memoryUsage().rss;
      await expect(readRgb(bytes)).rejects.toThrow(
        /^the image is a (?:PNG|JPEG|TIFF) that claims to have 40000×40000 pixels: at most 100000000 are accepted$/,
      );
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    }
  });

  it('more pixels or bytes than are allowed', async () => {
    const bytes = await image().png().toBuffer();
    await expect(readRgb(bytes, { maxPixels: 383 })).rejects.toThrow(
      'claims to have 24×16 pixels: at most 383 are accepted',
    );
    expect(await readRgb(bytes, { maxPixels: 384 })).toMatchObject({ width });
    await expect(readRgb(bytes, { maxBytes: 10, name: 'tile 7' })).rejects.toThrow(
      `tile 7 has ${bytes.length} bytes, more than the 10`,
    );
    await expect(readRgb(file('large.png', bytes), { maxBytes: 10 })).rejects.toThrow(
      'more than the 10 that are accepted',
    );
  });

  it('a JPEG with damage in its middle', async () => {
    const bytes = Uint8Array.from(await image().jpeg({ quality: 100 }).toBuffer());
    // A marker where no marker may stand.
    bytes.set([0xff, 0xd9], bytes.length - 80);
    await expect(readRgb(bytes)).rejects.toThrow('is damaged or cut short');
  });
});
