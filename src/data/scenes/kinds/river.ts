import type { GroupPlan } from '../composition.js';
import { between, chance, pick } from '../draw.js';
import { type Paint, paints, type Rgb } from '../paint.js';
import { bridge } from '../sketches.js';
import { layGround, layStrokes, sideLines } from './ground.js';
import type { Kind } from './kind.js';
import { boats, houses, trees } from './plans.js';

const { white, red, yellow, grey, black, blueWater, greenWater, brownWater } = paints;

const banks = new Map<Paint, Rgb>([
  [blueWater, [96, 132, 176]],
  [greenWater, [98, 146, 118]],
  [brownWater, [152, 118, 84]],
]);

/** A winding river through land, with a bridge over it or a boat on it, and houses or trees. */
export const river: Kind = {
  setting: undefined,
  within: undefined,
  compose(scene) {
    const { random, scale } = scene;
    const [ground, darker]: [Rgb, Rgb] = pick(random, [
      [
        [166, 182, 112],
        [146, 166, 94],
      ],
      [
        [196, 182, 134],
        [176, 162, 114],
      ],
    ]);
    layGround(scene, ground, [darker, darker, [188, 194, 140]]);
    layStrokes(scene, darker, 16, 0.1, 0.6);
    const water = pick(random, [blueWater, greenWater, brownWater]);
    const width = between(random, 0.17, 0.21);
    const laid = scene.cross({
      name: 'river',
      paint: water,
      width,
      winding: between(random, 0.04, 0.09),
      details: (line, wide) => sideLines(line, banks.get(water)!, wide, 0.014),
    });
    const bridged = chance(random, 0.65);
    const deck = scale * between(random, 0.085, 0.11);
    const bridges = {
      name: 'bridge',
      paint: pick(random, [white, grey, red]),
      sketch: () => bridge(deck, 1.5 * scale * width),
    } as const;
    const afloat = !bridged || chance(random, 0.3);
    const plans: GroupPlan[] = [];
    if (chance(random, 0.7)) {
      plans.push(houses(scene, pick(random, [white, red, black]), pick(random, [1, 2, 3])));
    }
    if (plans.length === 0 || chance(random, 0.4)) plans.push(trees(scene));
    return (
      laid &&
      (!bridged || scene.onCrossing(bridges, 'across')) &&
      // As long as one of two: it has to fit the river.
      (!afloat || scene.onCrossing(boats(scene, pick(random, [white, red, yellow]), 2), 'along')) &&
      plans.every((plan) => scene.group(plan))
    );
  },
};
