import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { splitIndices } from './split.js';

describe('splitIndices', () => {
  test('parts are disjoint, of the sizes asked for, and within the data', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(40), fc.integer(), (a, b, rest, seed) => {
        const parts = splitIndices(a + b + rest, [a, b], seed);
        expect(parts.map((part) => part.length)).toEqual([a, b]);
        const all = parts.flatMap((part) => [...part]);
        expect(new Set(all).size).toBe(a + b);
        expect(all.every((index) => index < a + b + rest)).toBe(true);
      }),
    );
  });

  test('covers everything when the sizes add up to it', () => {
    const [train, validation] = splitIndices(60, [50, 10], 42);
    expect([...train!, ...validation!].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  test('is the seed’s: the same again, another with another, and pinned', () => {
    expect(splitIndices(1000, [900, 100], 42)).toEqual(splitIndices(1000, [900, 100], 42));
    expect(splitIndices(1000, [900, 100], 42)).not.toEqual(splitIndices(1000, [900, 100], 43));
    expect([...splitIndices(10, [4, 3], 42)[0]!]).toMatchInlineSnapshot(`
      [
        2,
        0,
        9,
        1,
      ]
    `);
  });

  test.each([
    [[50_000, 10_001], 'a split into 50000 + 10001 needs 60001 examples, there are 60000'],
    [[-1], 'split sizes must be whole numbers from 0, got -1'],
    [[0.5], 'split sizes must be whole numbers from 0, got 0.5'],
    [[Number.NaN], 'split sizes must be whole numbers from 0, got NaN'],
  ])('refuses %j', (sizes, message) => {
    expect(() => splitIndices(60_000, sizes, 1)).toThrow(new UsageError(message));
  });
});
