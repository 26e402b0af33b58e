import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { type Tiling, type Window, windowAt, windowCount, windowsOf } from './windows.js';

const tiling = fc
  .integer({ min: 1, max: 20 })
  .chain((tile) => fc.record({ tile: fc.constant(tile), overlap: fc.integer({ min: 0, max: tile - 1 }) }));
const size = fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) });

describe('windows', () => {
  test('cover every pixel, stay inside, are full size and no two are the same', () => {
    fc.assert(
      fc.property(size, tiling, (size, tiling) => {
        const windows = [...windowsOf(size, tiling)];
        const seen = new Uint8Array(size.width * size.height);
        const full = { width: Math.min(tiling.tile, size.width), height: Math.min(tiling.tile, size.height) };
        const good = ({ x, y, width, height }: Window): boolean =>
          width === full.width &&
          height === full.height &&
          x >= 0 &&
          y >= 0 &&
          x + width <= size.width &&
          y + height <= size.height;
        expect(windows.filter((window) => !good(window))).toEqual([]);
        for (const { x, y, width, height } of windows) {
          for (let row = y; row < y + height; row++) {
            seen.fill(1, row * size.width + x, row * size.width + x + width);
          }
        }
        expect(seen.every(Boolean)).toBe(true);
        expect(new Set(windows.map(({ x, y }) => `${x} ${y}`)).size).toBe(windows.length);
      }),
    );
  });

  test('start at multiples of the step but for the last, in rows', () => {
    fc.assert(
      fc.property(size, tiling, (size, tiling) => {
        const windows = [...windowsOf(size, tiling)];
        const step = tiling.tile - tiling.overlap;
        const good = ({ x, y, width, height }: Window): boolean =>
          (x % step === 0 || x + width === size.width) && (y % step === 0 || y + height === size.height);
        expect(windows.filter((window) => !good(window))).toEqual([]);
        const order = windows.map(({ x, y }) => y * size.width + x);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });

  test('are the same by index', () => {
    fc.assert(
      fc.property(size, tiling, (size, tiling) => {
        const windows = [...windowsOf(size, tiling)];
        expect(windowCount(size, tiling)).toBe(windows.length);
        expect(windows.map((_, i) => windowAt(size, tiling, i))).toEqual(windows);
      }),
    );
  });

  it('moves the last ones back to the edge', () => {
    const windows = [...windowsOf({ width: 600, height: 256 }, { tile: 256, overlap: 32 })];
    expect(windows.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [224, 0],
      [344, 0],
    ]);
  });

  it('gives any of hundreds of millions at once', () => {
    const size = { width: 4_000_000, height: 2_000_000 };
    const tiling: Tiling = { tile: 256, overlap: 100 };
    const count = windowCount(size, tiling);
    expect(count).toBe(25_641 * 12_820);
    expect(windowAt(size, tiling, count - 1)).toEqual({ x: 3_999_744, y: 1_999_744, width: 256, height: 256 });
    expect(windowAt(size, tiling, 25_641 * 7 + 3)).toMatchObject({ x: 468, y: 1092 });
  });

  it.each([
    [{ tile: 0, overlap: 0 }, 'tile: a whole number of pixels from 1 was expected, 0 came'],
    [{ tile: 2.5, overlap: 0 }, 'tile: a whole number of pixels from 1 was expected, 2.5 came'],
    [{ tile: 64, overlap: 64 }, 'overlap: a whole number from 0 to 63 was expected (tiles of 64), 64 came'],
    [{ tile: 64, overlap: -1 }, 'overlap: a whole number from 0 to 63'],
    [{ tile: 64, overlap: Number.NaN }, 'NaN came'],
  ])('refuses %j', (tiling, message) => {
    const make = () => windowCount({ width: 100, height: 100 }, tiling);
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  it('refuses what is not there, an empty image, and more windows than numbers', () => {
    const tiling = { tile: 64, overlap: 0 };
    const size = { width: 100, height: 100 };
    expect(() => windowAt(size, tiling, 4)).toThrow('a window from 0 to 3 was expected, 4 came');
    expect(() => windowAt(size, tiling, -1)).toThrow(UsageError);
    expect(() => [...windowsOf({ width: 0, height: 10 }, tiling)]).toThrow('one of 0×10 came');
    expect(() => windowCount({ width: 2 ** 31, height: 2 ** 31 }, { tile: 1, overlap: 0 })).toThrow('too many tiles');
  });
});
