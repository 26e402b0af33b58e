import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { greyLevels, greyPicture, imagePicture, mosaic, pngUri, signedPicture } from './pictures.js';

describe('pictures', () => {
  it('are grey from the smallest to the largest value', () => {
    expect([...greyPicture([2, 4, 3, 2], 2, 2).pixels]).toEqual([0, 255, 128, 0]);
    expect([...greyPicture([7, 7], 1, 2).pixels]).toEqual([128, 128]);
    expect([...greyLevels([-1, 0.5, 2, Number.NaN], 0, 1)]).toEqual([0, 128, 255, 0]);
  });

  it('have mid-grey for 0 where the sign counts', () => {
    expect([...signedPicture([0, 2, -1, -2], 1, 4).pixels]).toEqual([128, 255, 64, 0]);
    expect([...signedPicture([0, 0], 1, 2).pixels]).toEqual([128, 128]);
  });

  it('are of one channel, or of three in turns', () => {
    expect(imagePicture(Float32Array.of(0, 1, 0.5, 0.25), [2, 1, 2])).toMatchObject({
      channels: 1,
      pixels: Uint8Array.of(0, 255),
    });
    const rgb = imagePicture(Float32Array.of(1, 0, 0, 0, 0, 1), [3, 1, 2]);
    expect([...rgb.pixels]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  it('stand in rows, and keep every level as a PNG', async () => {
    const tile = (level: number) => ({
      ...{ width: 2, height: 1, channels: 1 as const },
      pixels: Uint8Array.of(level, level),
    });
    const whole = mosaic([tile(1), tile(2), tile(3)], 2);
    expect([whole.width, whole.height]).toEqual([5, 3]);
    expect([...whole.pixels]).toEqual([1, 1, 128, 2, 2, ...Array(5).fill(128), 3, 3, 128, 128, 128]);
    const uri = await pngUri(whole);
    const { data, info } = await sharp(Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([5, 3, 1]);
    expect([...data]).toEqual([...whole.pixels]);
  });
});
