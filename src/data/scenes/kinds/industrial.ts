import type { GroupPlan } from '../composition.js';
import { between, chance, pick, pickSome } from '../draw.js';
import { paints } from '../paint.js';
import { building, container, tank } from '../sketches.js';
import { centreLine, layGround } from './ground.js';
import type { Kind } from './kind.js';

const { white, red, blue, yellow, brown, orange, asphalt } = paints;

/** Halls, tanks and containers on bare ground, perhaps with a road. */
export const industrial: Kind = {
  setting: 'an industrial area',
  within: 'in the industrial area',
  compose(scene) {
    const { random, scale } = scene;
    layGround(
      scene,
      [176, 168, 154],
      [
        [158, 150, 136],
        [192, 186, 172],
        [158, 150, 136],
        [150, 156, 128],
      ],
    );
    const laid =
      chance(random, 0.5) ||
      scene.cross({
        name: 'road',
        paint: asphalt,
        width: between(random, 0.09, 0.11),
        details: (line) => centreLine(line, [226, 220, 200], 0.014, 1, 2),
      });
    const width = scale * between(random, 0.16, 0.2);
    const count = pick(random, [1, 2, 3, 4]);
    const diameter = scale * between(random, 0.95, 1.05) * [0.2, 0.17, 0.15, 0.14][count - 1]!;
    const length = scale * between(random, 0.18, 0.2);
    const buildings: GroupPlan = {
      name: 'building',
      paint: pick(random, [white, red, blue, brown]),
      count: pick(random, [1, 1, 2]),
      sketch: () => building(width, 1.45 * width),
    };
    const tanks: GroupPlan = {
      name: 'tank',
      paint: pick(random, [white, brown, blue]),
      count,
      sketch: () => tank(diameter),
      arrangement: 'block',
      gap: 0.025,
    };
    const containers: GroupPlan = {
      name: 'container',
      paint: pick(random, [orange, red, blue, yellow]),
      count: pick(random, [2, 3, 4]),
      sketch: () => container(0.4 * length, length),
      gap: 0.022,
    };
    const plans = pickSome(random, [buildings, tanks, containers], pick(random, [2, 3, 3]));
    return laid && plans.every((plan) => scene.group(plan));
  },
};
