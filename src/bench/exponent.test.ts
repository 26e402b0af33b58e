import { expect, test } from 'vitest';
import { growthExponent } from './exponent.js';

test('a power law has its exponent, whatever its factor and the order of the points', () => {
  const points = [8, 1, 4, 2, 16].map((size) => ({ size, value: 3 * size ** 1.7 }));
  expect(growthExponent(points)).toBeCloseTo(1.7, 12);
});

test('the smaller half, where a constant rules, is left out', () => {
  const points = [1, 2, 4, 64, 128, 256].map((size) => ({ size, value: size < 10 ? 100 : size ** 2 }));
  expect(growthExponent(points)).toBeCloseTo(2, 12);
  const three = [1, 10, 100].map((size) => ({ size, value: size === 1 ? 50 : size }));
  expect(growthExponent(three)).toBeCloseTo(1, 12);
});

test('noise of both signs hardly changes it', () => {
  const points = [1, 2, 4, 8, 16, 32, 64, 128].map((size, i) => ({ size, value: size * (i % 2 === 0 ? 1.05 : 0.95) }));
  expect(growthExponent(points)).toBeCloseTo(1, 1);
});

test('one size has none', () => {
  expect(growthExponent([{ size: 3, value: 1 }])).toBeNaN();
  expect(growthExponent([])).toBeNaN();
});
