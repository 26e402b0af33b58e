import { expect, test } from 'vitest';
import { nearestByCosine } from './nearest.js';

test('the nearest is the one of the most alike direction, whatever the lengths', () => {
  const candidates = Float32Array.of(0, 5, 100, 0, -1, -1);
  expect(nearestByCosine(Float32Array.of(0.1, 1, 3, 1, -4, -5), candidates, 2)).toEqual([0, 1, 2]);
});

test('a vector of nothing is like none: the first is taken', () => {
  expect(nearestByCosine(Float32Array.of(0, 0), Float32Array.of(0, 0, 1, 1), 2)).toEqual([0]);
});
