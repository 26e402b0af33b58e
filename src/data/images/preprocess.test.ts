import sharp from 'sharp';
import { describe, expect, it, test } from 'vitest';
import { LegendaError, UsageError } from '../../errors.js';
import { imageNet, type Preprocessing, Preprocessor, preprocessing } from './preprocess.js';

const plain: Preprocessing = { side: 8, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };
const solid = (r: number, g: number, b: number, width = 8, height = 8) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => [r, g, b][i % 3]!),
});

describe('an encoder’s input', () => {
  it('is planes of red, green and blue, normalised, from an offset on', async () => {
    const settings: Preprocessing = { ...plain, mean: [0.5, 0, 0.25], std: [0.5, 2, 1] };
    const writer = new Preprocessor(settings);
    const into = new Float32Array(2 * writer.size).fill(9);
    await writer.write(solid(255, 51, 102), into, writer.size);
    expect([...into.subarray(0, writer.size)]).toEqual(new Array(192).fill(9));
    const [red, green, blue] = [0, 1, 2].map((i) => into.subarray(192 + 64 * i, 256 + 64 * i));
    for (const value of red!) expect(value).toBeCloseTo(1, 6);
    for (const value of green!) expect(value).toBeCloseTo(0.1, 6);
    for (const value of blue!) expect(value).toBeCloseTo(0.15, 6);
  });

  it('is an image as it is where the size fits', async () => {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * 37) % 256);
    const png = await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    const writer = new Preprocessor(plain);
    for (const source of [png, { width: 8, height: 8, pixels }]) {
      const into = new Float32Array(writer.size);
      await writer.write(source, into);
      for (let i = 0; i < 64; i++) {
        for (let c = 0; c < 3; c++) expect(into[c * 64 + i]).toBeCloseTo(pixels[3 * i + c]! / 255, 6);
      }
    }
  });

  test('squash keeps everything, crop the centre', async () => {
    // Left third black, the middle white, right third black.
    const wide = solid(0, 0, 0, 24, 8);
    for (let i = 0; i < 24 * 8; i++) if (i % 24 >= 8 && i % 24 < 16) wide.pixels.fill(255, 3 * i, 3 * i + 3);
    const into = new Float32Array(3 * 8 * 8);
    await new Preprocessor({ ...plain, fit: 'crop' }).write(wide, into);
    expect(Math.min(...into)).toBeGreaterThan(0.99);
    await new Preprocessor(plain).write(wide, into);
    expect(into[0]).toBe(0);
    expect(into[7]).toBe(0);
    expect(into[3]).toBeGreaterThan(0.9);
  });

  it('is antialiased when an image shrinks, JPEGs with their shrink-on-load too', async () => {
    const stripes = solid(0, 0, 0, 128, 128);
    for (let i = 0; i < 128 * 128; i++) if (i % 2) stripes.pixels.fill(255, 3 * i, 3 * i + 3);
    const jpeg = await sharp(stripes.pixels, { raw: { width: 128, height: 128, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer();
    const into = new Float32Array(3 * 8 * 8);
    for (const source of [stripes, jpeg]) {
      await new Preprocessor(plain).write(source, into);
      for (const value of into) expect(Math.abs(value - 0.5)).toBeLessThan(0.03);
    }
  });

  it('has the same bits each time', async () => {
    const jpeg = await sharp(solid(10, 200, 90, 256, 200).pixels, { raw: { width: 256, height: 200, channels: 3 } })
      .jpeg()
      .toBuffer();
    const writer = new Preprocessor(imageNet);
    const [a, b] = [new Float32Array(writer.size), new Float32Array(writer.size)];
    await Promise.all([writer.write(jpeg, a), writer.write(jpeg, b)]);
    expect(Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer))).toBe(0);
  });
});

it('goes on with the other images of a batch when one fails', async () => {
  const writer = new Preprocessor(plain);
  const into = new Float32Array(3 * writer.size).fill(9);
  const errors = await writer.writeAll([solid(255, 255, 255), '/nowhere/a.tif', solid(51, 51, 51)], into);
  expect(errors.map((error) => error instanceof LegendaError)).toEqual([false, true, false]);
  expect(errors[1]?.message).toContain('/nowhere/a.tif');
  expect([into[0], into[writer.size], into[2 * writer.size]]).toEqual([1, 0, Math.fround(0.2)]);
});

describe('what does not fit is refused', () => {
  it('a buffer that is too small, pixels of another number', async () => {
    const writer = new Preprocessor(plain);
    await expect(writer.write(solid(0, 0, 0), new Float32Array(200), 9)).rejects.toThrow(UsageError);
    await expect(writer.writeAll([solid(0, 0, 0)], new Float32Array(9))).rejects.toThrow('needs 192 values from 0 on');
    const wrong = { width: 8, height: 9, pixels: new Uint8Array(192) };
    await expect(writer.write(wrong, new Float32Array(192))).rejects.toThrow('216 values were expected, 192 came');
  });

  it.each([
    ['side', { side: 0 }],
    ['fit', { fit: 'pad' }],
    ['mean', { mean: [0, 0] }],
    ['std', { std: [1, 0, 1] }],
    ['', { kernel: 'cubic' }],
  ])('settings with a wrong %s', (key, change) => {
    const { error } = preprocessing.safeParse({ ...imageNet, ...change });
    expect(error?.issues[0]?.path.join('.').startsWith(key)).toBe(true);
    expect(preprocessing.parse(imageNet)).toEqual(imageNet);
  });
});
