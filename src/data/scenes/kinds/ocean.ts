import type { GroupPlan } from '../composition.js';
import { between, chance, pick, pickSome } from '../draw.js';
import { paints, type Rgb } from '../paint.js';
import { island, ship } from '../sketches.js';
import { layGround, layStrokes } from './ground.js';
import type { Kind } from './kind.js';
import { boats } from './plans.js';

const { white, red, black, orange, yellow, foliage, sand } = paints;

/** Water with ships and boats, and a beach or an island. */
export const ocean: Kind = {
  setting: 'an ocean',
  within: 'on the ocean',
  compose(scene) {
    const { random, scale } = scene;
    const [water, lighter]: [Rgb, Rgb] = pick(random, [
      [
        [38, 84, 148],
        [58, 106, 168],
      ],
      [
        [44, 108, 150],
        [64, 130, 168],
      ],
    ]);
    layGround(scene, water, [lighter, [30, 70, 128], lighter]);
    layStrokes(scene, [150, 188, 214], 22, 0.09, 0.5);
    const land = pick(random, ['beach', 'island', 'neither'] as const);
    const plans: GroupPlan[] = [];
    if (land === 'island') {
      const width = scale * between(random, 0.22, 0.28);
      plans.push({ name: 'island', paint: foliage, count: 1, sketch: () => island(random, width, 0.75 * width) });
    }
    const fleet = pick(random, [1, 2]);
    for (const paint of pickSome(random, [white, red, black, orange], fleet)) {
      const length = scale * between(random, 0.34, 0.42);
      plans.push({ name: 'ship', paint, count: 1, sketch: () => ship(length), facing: 'any' });
    }
    if (land === 'neither' || chance(random, 0.5)) {
      plans.push(boats(scene, pick(random, [white, red, yellow]), pick(random, [1, 2, 3])));
    }
    return (land !== 'beach' || scene.edge('beach', sand)) && plans.every((plan) => scene.group(plan));
  },
};
