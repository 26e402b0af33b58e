import type { Composition, GroupPlan } from '../composition.js';
import { between, pick } from '../draw.js';
import { type Paint, paints } from '../paint.js';
import { boat, house, plane, tree, wake } from '../sketches.js';

/** Side by side; the more, the shorter, so that they find room. */
export function planes({ random, scale }: Composition, paint: Paint, count: number): GroupPlan {
  const length = scale * between(random, 0.95, 1.1) * ([0.36, 0.29, 0.23][count - 1] ?? 0.2);
  return { name: 'plane', paint, count, sketch: () => plane(length), gap: 0.02 };
}

export function houses({ random, scale }: Composition, paint: Paint, count: number): GroupPlan {
  const width = scale * between(random, 0.95, 1.05) * ([0.17, 0.14, 0.125][count - 1] ?? 0.12);
  return { name: 'house', paint, count, sketch: () => house(width, 1.3 * width), arrangement: 'block', gap: 0.03 };
}

/** Crowns that touch. */
export function trees({ random, scale }: Composition): GroupPlan {
  const diameter = scale * between(random, 0.1, 0.12);
  return {
    name: 'tree',
    paint: paints.foliage,
    count: pick(random, [4, 5, 6]),
    sketch: () => tree(random, diameter),
    arrangement: 'cluster',
    gap: -0.2 * diameter,
  };
}

/** All under way in one direction. */
export function boats({ random, scale }: Composition, paint: Paint, count: number): GroupPlan {
  const length = scale * between(random, 0.95, 1.1) * (count === 1 ? 0.22 : 0.18);
  return {
    name: 'boat',
    paint,
    count,
    sketch: () => boat(length),
    facing: 'any',
    trail: { outline: wake(length), rgb: [214, 228, 234], opacity: 0.55 },
  };
}
