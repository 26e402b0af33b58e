import { expect, it } from 'vitest';
import { stream, uniform } from '../tensor/random.js';
import { bootstrapInterval } from './bootstrap.js';

const meanOf = (values: readonly number[]) => (items: Uint32Array) =>
  items.reduce((sum, item) => sum + values[item]!, 0) / items.length;

it('holds the true mean in about as many of the samples as it says', () => {
  const random = stream(1, 'test');
  let held = 0;
  for (let sample = 0; sample < 200; sample++) {
    const values = Array.from({ length: 60 }, () => uniform(random));
    const [low, high] = bootstrapInterval(60, meanOf(values), { resamples: 200, seed: sample, confidence: 0.9 });
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  expect(held / 200).toBeGreaterThan(0.84);
  expect(held / 200).toBeLessThan(0.95);
});

it('is the same every time, and a point where there is nothing to vary', () => {
  const score = meanOf([0.2, 0.4, 0.9, 0.1, 0.77, 0.3]);
  expect(bootstrapInterval(6, score)).toEqual(bootstrapInterval(6, score));
  expect(bootstrapInterval(6, score)).not.toEqual(bootstrapInterval(6, score, { seed: 1, resamples: 99 }));
  expect(bootstrapInterval(2, meanOf([0.5, 0.5]))).toEqual([0.5, 0.5]);
});

it('refuses numbers that are out of range', () => {
  const score = () => 1;
  expect(() => bootstrapInterval(0, score)).toThrow('count: a whole number from 1 is expected, 0 came');
  expect(() => bootstrapInterval(2, score, { resamples: 0 })).toThrow('resamples: a whole number from 1');
  expect(() => bootstrapInterval(2, score, { confidence: 95 })).toThrow('between 0 and 1 is expected, 95 came');
});
