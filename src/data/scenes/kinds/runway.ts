import type { GroupPlan } from '../composition.js';
import { stripAlong } from '../crossing.js';
import { between, chance, pick, pickSome } from '../draw.js';
import { paints, type Rgb } from '../paint.js';
import { building } from '../sketches.js';
import { centreLine, layGround, layStripes, sideLines } from './ground.js';
import type { Kind } from './kind.js';
import { planes, trees } from './plans.js';

const { white, red, blue, yellow, brown, asphalt } = paints;
const marking: Rgb = [236, 236, 232];

/** A marked strip through fields, with planes on it or beside it. */
export const runway: Kind = {
  setting: undefined,
  within: undefined,
  compose(scene) {
    const { random, scale } = scene;
    const dry = chance(random, 0.4);
    const [ground, darker, lighter]: [Rgb, Rgb, Rgb] = dry
      ? [
          [186, 164, 116],
          [166, 144, 98],
          [202, 184, 140],
        ]
      : [
          [124, 150, 84],
          [106, 134, 70],
          [146, 166, 100],
        ];
    layGround(scene, ground, [darker, lighter]);
    layStripes(scene, darker, 0.06, 0.14, 0.3);
    const laid = scene.cross({
      name: 'runway',
      paint: asphalt,
      width: between(random, 0.16, 0.19),
      details: (line, width) => [
        ...sideLines(line, marking, width, 0.012),
        ...centreLine(line, marking, 0.018, 2, 2),
        ...[-0.3, -0.16, 0.16, 0.3].map((part) => ({
          outline: stripAlong(line.slice(19, 23), (part - 0.045) * width, (part + 0.045) * width),
          rgb: marking,
          opacity: 1,
        })),
      ],
    });
    const [landing, parking] = pickSome(random, [white, red, blue, yellow], 2);
    const landed = chance(random, 0.6);
    const plans: GroupPlan[] = [];
    if (!landed || chance(random, 0.4)) plans.push(planes(scene, parking!, pick(random, [1, 2])));
    if (chance(random, 0.6)) {
      const width = scale * between(random, 0.14, 0.17);
      const paint = pick(random, [red, blue, white, brown]);
      plans.push({ name: 'building', paint, count: 1, sketch: () => building(width, 1.5 * width) });
    }
    if (plans.length === 0 || chance(random, 0.4)) plans.push(trees(scene));
    return (
      laid &&
      // As long as one of two: it has to fit the strip.
      (!landed || scene.onCrossing(planes(scene, landing!, 2), 'along')) &&
      plans.every((plan) => scene.group(plan))
    );
  },
};
