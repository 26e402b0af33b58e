import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaOf,
  bendsOf,
  type Capsule,
  capsuleAround,
  centroidOf,
  clip,
  contains,
  gapBetween,
  move,
  type Outline,
  type Point,
} from './geometry.js';

const square: Outline = [
  [0.2, 0.2],
  [0.4, 0.2],
  [0.4, 0.4],
  [0.2, 0.4],
];
const number = fc.double({ min: -1, max: 2, noNaN: true });
const point: fc.Arbitrary<Point> = fc.tuple(number, number);

describe('an outline', () => {
  it('has an area, a middle and an inside, which move with it', () => {
    expect(areaOf(square)).toBeCloseTo(0.04, 12);
    expect(areaOf(square.toReversed())).toBeCloseTo(0.04, 12);
    fc.assert(
      fc.property(point, number, (at, angle) => {
        const moved = move(square, { at, angle });
        const [middle] = move([[0.3, 0.3]], { at, angle });
        expect(areaOf(moved)).toBeCloseTo(0.04, 12);
        expect(centroidOf(moved)[0]).toBeCloseTo(middle![0], 9);
        expect(centroidOf(moved)[1]).toBeCloseTo(middle![1], 9);
        expect(contains(moved, middle!)).toBe(true);
      }),
    );
  });

  it('turns clockwise as seen', () => {
    const [[x, y]] = move([[0, -1]], { at: [0, 0], angle: Math.PI / 2 }) as [Point];
    expect(x).toBeCloseTo(1, 12);
    expect(y).toBeCloseTo(0, 12);
  });

  it('is clipped to the picture', () => {
    expect(areaOf(clip(square))).toBeCloseTo(0.04, 12);
    expect(areaOf(clip(move(square, { at: [-0.3, 0], angle: 0 })))).toBeCloseTo(0.02, 12);
    expect(areaOf(clip(move(square, { at: [0.7, 0.7], angle: 0 })))).toBeCloseTo(0.01, 12);
    expect(clip(move(square, { at: [2, 0], angle: 0 }))).toEqual([]);
    fc.assert(
      fc.property(fc.tuple(point, point, point), (triangle) => {
        const seen = clip(triangle);
        for (const [x, y] of seen) expect(Math.max(-x, -y, x - 1, y - 1)).toBeLessThan(1e-9);
        if (seen.length > 2) expect(areaOf(seen)).toBeLessThan(areaOf(triangle) + 1e-9);
      }),
    );
  });

  it('keeps only the points where it bends', () => {
    const line: Outline = [
      [0, 0],
      [0.5, 0],
      [1, 0],
      [1, 1],
    ];
    expect(bendsOf(line)).toEqual([line[0], line[2], line[3]]);
  });
});

describe('a capsule', () => {
  const upright: Capsule = { from: [0, 0], to: [0, 1], radius: 0.1 };

  it.each<[string, Capsule, number]>([
    ['beside', { from: [1, 0.5], to: [1, 2], radius: 0.2 }, 0.7],
    ['before its end', { from: [0, 3], to: [0, 3], radius: 0 }, 1.9],
    ['across', { from: [-1, 0.5], to: [1, 0.5], radius: 0.1 }, -0.2],
  ])('has a gap to another %s', (_, other, gap) => {
    expect(gapBetween(upright, other)).toBeCloseTo(gap, 12);
    expect(gapBetween(other, upright)).toBeCloseTo(gap, 12);
  });

  it('covers what it is around', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 12 }), (outline) => {
        const capsule = capsuleAround(outline);
        for (const corner of outline) {
          expect(gapBetween(capsule, { from: corner, to: corner, radius: 0 })).toBeLessThan(1e-9);
        }
      }),
    );
  });
});
