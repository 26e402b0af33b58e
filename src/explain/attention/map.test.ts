import { describe, expect, it } from 'vitest';
import { imageNet } from '../../data/images/preprocess.js';
import { seenPicture, underAttention } from './map.js';

const grey = (side: number) => ({ side, pixels: new Uint8Array(3 * side * side).fill(200) });
const at = ({ side, pixels }: { side: number; pixels: Uint8Array }, x: number, y: number) =>
  pixels[3 * (Math.floor(y * side) * side + Math.floor(x * side))]!;

describe('a picture under attention', () => {
  it('keeps its light where it was looked at most, and a fifth of it where it was not', async () => {
    const lit = await underAttention(grey(96), Float32Array.of(0, 0, 0, 0, 0, 0.8, 0, 0, 0.2));
    expect(at(lit, 5 / 6, 0.5)).toBeGreaterThan(190);
    expect(at(lit, 0.02, 0.02)).toBe(40);
    expect(at(lit, 0.98, 0.98)).toBeGreaterThan(60);
    expect(at(lit, 0.98, 0.98)).toBeLessThan(120);
  });

  it('is the same everywhere when all of it was looked at alike', async () => {
    const { pixels } = await underAttention(grey(32), new Float32Array(16).fill(1 / 16));
    expect(new Set(pixels)).toEqual(new Set([200]));
  });

  it('refuses regions that make no square', async () => {
    await expect(underAttention(grey(32), new Float32Array(6))).rejects.toThrow('attention over 6 regions');
  });

  it('is what the encoder saw: squashed, or the centre', async () => {
    const pixels = new Uint8Array(3 * 30 * 10);
    for (let y = 0; y < 10; y++) pixels.fill(255, 3 * (y * 30 + 10), 3 * (y * 30 + 20));
    const image = { width: 30, height: 10, pixels };
    const centre = await seenPicture(image, { ...imageNet, fit: 'crop' }, 30);
    expect([at(centre, 0.2, 0.5), at(centre, 0.8, 0.5)]).toEqual([255, 255]);
    const squashed = await seenPicture(image, { ...imageNet, fit: 'squash' }, 30);
    expect([0.1, 0.5, 0.9].map((x) => at(squashed, x, 0.5))).toEqual([0, 255, 0]);
  });
});
