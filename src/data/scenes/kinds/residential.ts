import { between, chance, pick, pickSome } from '../draw.js';
import { paints } from '../paint.js';
import { pool } from '../sketches.js';
import { centreLine, layGround } from './ground.js';
import type { Kind } from './kind.js';
import { houses, trees } from './plans.js';

const { white, red, blue, brown, black, grey } = paints;

/** Houses on lawns, with a street, a pool or trees. */
export const residential: Kind = {
  setting: 'a residential area',
  within: 'in the residential area',
  compose(scene) {
    const { random, scale } = scene;
    layGround(
      scene,
      [158, 172, 112],
      [
        [138, 158, 94],
        [178, 182, 134],
        [176, 166, 126],
        [138, 158, 94],
      ],
    );
    const street = chance(random, 0.6);
    const laid =
      !street ||
      scene.cross({
        name: 'road',
        paint: grey,
        width: between(random, 0.09, 0.11),
        details: (line) => centreLine(line, [222, 222, 214], 0.014, 1, 2),
      });
    const [first, second] = pickSome(random, [white, red, blue, brown, black], 2);
    const plans = [houses(scene, first!, pick(random, [1, 2, 3, 4]))];
    if (!street || chance(random, 0.6)) plans.push(houses(scene, second!, pick(random, [1, 2, 3])));
    if (chance(random, 0.5)) {
      const width = scale * between(random, 0.13, 0.16);
      plans.push({ name: 'pool', paint: paints.swimming, count: 1, sketch: () => pool(width, 1.5 * width) });
    } else if (plans.length === 1 || chance(random, 0.5)) {
      plans.push(trees(scene));
    }
    return laid && plans.every((plan) => scene.group(plan));
  },
};
