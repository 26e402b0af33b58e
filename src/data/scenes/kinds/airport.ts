import type { GroupPlan } from '../composition.js';
import { between, chance, pick, pickSome } from '../draw.js';
import { move } from '../geometry.js';
import { paints } from '../paint.js';
import { box, terminal } from '../sketches.js';
import { layGround } from './ground.js';
import type { Kind } from './kind.js';
import { planes } from './plans.js';

const { white, red, blue, yellow, brown } = paints;

/** An apron with lanes, planes on it, and a terminal or more planes. */
export const airport: Kind = {
  setting: 'an airport',
  within: 'at the airport',
  compose(scene) {
    const { random, rotation, scale } = scene;
    layGround(
      scene,
      [150, 150, 146],
      [
        [134, 134, 132],
        [164, 163, 156],
        [134, 134, 132],
      ],
    );
    for (const angle of [rotation, rotation + Math.PI / 2]) {
      const lane = box(0.014, 2, [between(random, -0.3, 0.3), 0]);
      scene.patch({ outline: move(lane, { at: [0.5, 0.5], angle }), rgb: [226, 196, 84], opacity: 0.8 });
    }
    const plans: GroupPlan[] = [];
    if (chance(random, 0.7)) {
      const length = scale * between(random, 0.32, 0.38);
      plans.push({
        name: 'terminal',
        paint: pick(random, [white, red, brown, blue]),
        count: 1,
        sketch: () => terminal(length, 0.42 * length),
      });
    }
    const fleets = plans.length > 0 && chance(random, 0.4) ? 1 : 2;
    for (const paint of pickSome(random, [white, red, blue, yellow], fleets)) {
      plans.push(planes(scene, paint, pick(random, [1, 1, 2, 3])));
    }
    return plans.every((plan) => scene.group(plan));
  },
};
