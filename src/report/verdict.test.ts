import { describe, expect, it } from 'vitest';
import { compare, imageNoise, inQuadrature, intervalNoise, sameness, seedNoise } from './verdict.js';

const accuracy = { here: 0.91, there: 0.9, noise: 0.008, better: 'higher', comparable: true } as const;

describe('compare', () => {
  it('says better or worse only beyond the noise, whichever way is better', () => {
    expect(compare(accuracy)).toEqual({ difference: expect.closeTo(0.01), noise: 0.008, verdict: 'better' });
    expect(compare({ ...accuracy, here: 0.89 }).verdict).toBe('worse');
    expect(compare({ ...accuracy, noise: 0.02 }).verdict).toBe('within noise');
    expect(compare({ ...accuracy, better: 'lower' }).verdict).toBe('worse');
    expect(compare({ ...accuracy, better: 'lower', here: 0.89 }).verdict).toBe('better');
    expect(compare({ ...accuracy, here: 0.9, noise: 0 }).verdict).toBe('within noise');
  });

  it('says what does not compare, and keeps the difference', () => {
    expect(compare({ ...accuracy, comparable: false })).toEqual({
      difference: expect.closeTo(0.01),
      noise: undefined,
      verdict: 'not comparable',
    });
  });

  it('says nothing without noise, without a number, or of what is not finite', () => {
    expect(compare({ ...accuracy, noise: undefined }).verdict).toBeUndefined();
    for (const comparable of [true, false]) {
      expect(compare({ ...accuracy, comparable, here: undefined })).toMatchObject({
        difference: undefined,
        verdict: undefined,
      });
      expect(compare({ ...accuracy, comparable, here: Number.NaN }).verdict).toBeUndefined();
    }
  });
});

it('sameness is of exact counts', () => {
  expect(sameness(769_930, 769_930)).toBe('the same');
  expect(sameness(769_930, 769_931)).toBe('not the same');
});

describe('noise', () => {
  it('of accuracies is that of both sets of images', () => {
    // Two shares of one half, of 100 each: 1.96 · √(2 · 0.25 / 100)
    expect(imageNoise(0.5, 100, 0.5, 100)).toBeCloseTo(0.138591, 5);
    expect(imageNoise(0.9093, 10_000, 0.906, 10_000)).toBeCloseTo(0.0080248, 6);
    expect(imageNoise(1, 10, 0, 10)).toBe(0);
  });

  it('of seeds is what one more training would be within, and unknown of one seed', () => {
    expect(seedNoise([0.9])).toBeUndefined();
    // Standard deviation 1, three seeds: 4.303 · √(1 + 1/3)
    expect(seedNoise([1, 2, 3])).toBeCloseTo(4.9683, 4);
    expect(seedNoise([2, 2])).toBe(0);
  });

  it('of a bootstrap interval is of two as wide', () => {
    expect(intervalNoise([0.4, 0.6])).toBeCloseTo(0.141421);
  });

  it('adds in quadrature, as far as it is known', () => {
    expect(inQuadrature(3, 4)).toBe(5);
    expect(inQuadrature(3, undefined)).toBe(3);
    expect(inQuadrature(undefined)).toBeUndefined();
  });
});
