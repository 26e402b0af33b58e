import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LossCurve } from './loss-curve.js';

it('keeps every loss while there are few, and means, least and largest of neighbours when there are many', () => {
  const curve = new LossCurve(4);
  for (const [i, loss] of [5, 3, 4, 2].entries()) curve.add(i + 1, loss);
  expect(curve.points()).toEqual([
    [1, 5, 5, 5],
    [2, 3, 3, 3],
    [3, 4, 4, 4],
    [4, 2, 2, 2],
  ]);
  curve.add(5, 1);
  expect(curve.points()).toEqual([
    [2, 4, 3, 5],
    [4, 3, 2, 4],
    [5, 1, 1, 1],
  ]);
  curve.add(6, 3);
  expect(curve.points().at(-1)).toEqual([6, 2, 1, 3]);
});

it('forgets what came after a step', () => {
  const curve = new LossCurve();
  for (let step = 1; step <= 5; step++) curve.add(step, step);
  curve.add(6, Number.NaN);
  curve.rewind(3);
  expect(curve.points().map(([step]) => step)).toEqual([1, 2, 3]);
});

it('never holds more points than it may, and none of the losses is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 500 }), (losses) => {
      const curve = new LossCurve(16);
      for (const [i, loss] of losses.entries()) curve.add(i, loss);
      const points = curve.points();
      expect(points.length).toBeLessThanOrEqual(16);
      if (losses.length === 0) return;
      expect(points.at(-1)![0]).toBe(losses.length - 1);
      expect(Math.min(...points.map(([, , low]) => low))).toBe(Math.min(...losses));
      expect(Math.max(...points.map(([, , , high]) => high))).toBe(Math.max(...losses));
    }),
  );
});
