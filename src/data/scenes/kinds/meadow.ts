import type { GroupPlan } from '../composition.js';
import { between, chance, pick, pickSome } from '../draw.js';
import { paints, type Rgb } from '../paint.js';
import { haystack, house, pond } from '../sketches.js';
import { layGround, layStripes } from './ground.js';
import type { Kind } from './kind.js';
import { trees } from './plans.js';

const { white, red, brown, blue, straw } = paints;

/** Mown grass with a pond, a barn, trees, haystacks, or a path through it. */
export const meadow: Kind = {
  setting: 'a meadow',
  within: 'on the meadow',
  compose(scene) {
    const { random, scale } = scene;
    const [ground, darker]: [Rgb, Rgb] = pick(random, [
      [
        [126, 178, 78],
        [106, 160, 64],
      ],
      [
        [152, 186, 88],
        [134, 170, 74],
      ],
    ]);
    layGround(scene, ground, [darker, darker]);
    layStripes(scene, darker, 0.055, 0.11, 0.6);
    const laid =
      chance(random, 0.5) ||
      scene.cross({
        name: 'path',
        paint: brown,
        width: between(random, 0.06, 0.075),
        winding: between(random, 0.02, 0.06),
        details: () => [],
      });
    const width = scale * between(random, 0.2, 0.28);
    const hall = scale * between(random, 0.14, 0.17);
    const bale = scale * between(random, 0.11, 0.13);
    const ponds = {
      name: 'pond',
      paint: paints.pond,
      count: 1,
      sketch: () => pond(random, width, 0.8 * width),
    } as const;
    const barns = {
      name: 'barn',
      paint: pick(random, [white, red, brown, blue]),
      count: 1,
      sketch: () => house(hall, 1.5 * hall),
    } as const;
    const haystacks = {
      name: 'haystack',
      paint: straw,
      count: pick(random, [2, 3, 4]),
      sketch: () => haystack(bale),
      arrangement: 'block',
    } as const;
    const plans = pickSome<GroupPlan>(random, [ponds, barns, trees(scene), haystacks], pick(random, [2, 3, 3]));
    return laid && plans.every((plan) => scene.group(plan));
  },
};
