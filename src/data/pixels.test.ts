import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { pixelTables } from './pixels.js';

describe('pixelTables', () => {
  test('divides by 256 by default', () => {
    const [table] = pixelTables(1);
    expect([table![0], table![1], table![255]]).toEqual([0, 1 / 256, 255 / 256]);
  });

  test('normalises each channel after scaling', () => {
    const tables = pixelTables(2, { scale: 1 / 255, mean: [0, 0.5], std: [1, 0.25] });
    expect(tables[0]![255]).toBe(1);
    expect(tables[1]![255]).toBe(2);
    expect(tables[1]![0]).toBe(-2);
  });

  test.each([
    [{ mean: [0.5, 0.5] }, 'pixels: mean must be 1 number(s), one a channel, got [0.5,0.5]'],
    [{ mean: [Number.NaN] }, 'pixels: mean must be 1 number(s), one a channel, got [NaN]'],
    [{ std: [0] }, 'pixels: scale and std must be above 0, got 0.00390625 and [0]'],
    [{ scale: 0 }, 'pixels: scale and std must be above 0, got 0 and [1]'],
  ])('refuses %j', (map, message) => {
    expect(() => pixelTables(1, map)).toThrow(new UsageError(message));
  });
});
