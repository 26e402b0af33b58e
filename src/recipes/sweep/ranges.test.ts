import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { stream } from '../../tensor/random.js';
import { drawFrom, parseRanges, type Range } from './ranges.js';

describe('parseRanges', () => {
  it('takes even, logarithmic and whole numbers', () => {
    expect(parseRanges(['a=-1..1.5', 'b=log:1e-4..1e-1', 'c=int:8..512'])).toEqual({
      a: { scale: 'uniform', low: -1, high: 1.5 },
      b: { scale: 'log', low: 1e-4, high: 0.1 },
      c: { scale: 'int', low: 8, high: 512 },
    });
  });

  test.each([
    ['lr', 'range "lr": key=LOW..HIGH is expected, or key=log:LOW..HIGH, or key=int:LOW..HIGH'],
    ['lr=1', 'range "lr=1": key=LOW..HIGH is expected'],
    ['lr=1..', 'key=LOW..HIGH is expected'],
    ['lr=a..b', 'key=LOW..HIGH is expected'],
    ['lr=0..Infinity', 'key=LOW..HIGH is expected'],
    ['lr=exp:1..2', 'key=LOW..HIGH is expected'],
    ['lr=2..1', 'range "lr=2..1": the first number is to be the smaller'],
    ['lr=log:0..1', 'numbers above 0 are expected, 0 has no logarithm'],
    ['batch=int:1..2.5', 'whole numbers are expected'],
  ])('refuses %s', (row, message) => {
    expect(() => parseRanges([row])).toThrow(UsageError);
    expect(() => parseRanges([row])).toThrow(message);
  });

  it('refuses a key that comes twice', () => {
    expect(() => parseRanges(['lr=1..2', 'lr=1..3'])).toThrow('range: "lr" comes twice');
  });
});

describe('drawFrom', () => {
  const draws = (range: Range, count = 2000) =>
    Array.from({ length: count }, (_, i) => drawFrom(range, stream(1, 'test', i)));

  it('stays within the range, with few digits', () => {
    const ends = fc.tuple(
      fc.double({ noNaN: true, min: 1e-6, max: 1e6 }),
      fc.double({ noNaN: true, min: 1e-6, max: 1e6 }),
    );
    fc.assert(
      fc.property(ends, fc.constantFrom('uniform' as const, 'log' as const), fc.nat(), ([a, b], scale, seed) => {
        fc.pre(a !== b);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const value = drawFrom({ scale, low, high }, stream(seed, 'x'));
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
        const isWide = high / low >= 10;
        if (isWide && value !== low && value !== high) expect(value).toBe(Number(value.toPrecision(4)));
      }),
    );
  });

  it('is even, even in the logarithm, or even over whole numbers', () => {
    const below = (values: readonly number[], limit: number) =>
      values.filter((value) => value < limit).length / values.length;
    // three standard deviations of a share of 2000 are 0.034
    expect(Math.abs(below(draws({ scale: 'uniform', low: 0, high: 1 }), 0.25) - 0.25)).toBeLessThan(0.034);
    expect(Math.abs(below(draws({ scale: 'log', low: 1e-4, high: 1 }), 1e-2) - 0.5)).toBeLessThan(0.034);
    const whole = draws({ scale: 'int', low: 1, high: 4 });
    expect(new Set(whole)).toEqual(new Set([1, 2, 3, 4]));
    expect(Math.abs(below(whole, 2) - 0.25)).toBeLessThan(0.034);
  });

  it('tells narrow ranges apart', () => {
    expect(new Set(draws({ scale: 'uniform', low: 0.999, high: 0.9999 })).size).toBeGreaterThan(1000);
  });
});
