import { LegendaError, UsageError } from '../../errors.js';
import { stream } from '../../tensor/random.js';
import { writeCaptions } from './captions.js';
import { Composition } from './composition.js';
import { type SceneDescription, sceneKinds } from './description.js';
import { kinds } from './kinds/table.js';

/** Changes whenever the same seed gives other pictures or captions. */
export const scenesVersion = 1;

const attempts = 200;

/**
 * Scene `index` of the endless set that a seed has; kinds take turns. The same everywhere for the same seed and index, and
 * independent of all other scenes.
 *
 * @param seed any whole number
 * @param index a whole number from 0
 * @throws UsageError when one of them is not
 */
export function describeScene(seed: number, index: number): SceneDescription {
  if (!Number.isSafeInteger(seed)) throw new UsageError(`scenes: the seed must be a whole number, got ${seed}`);
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new UsageError(`scenes: an index must be a whole number from 0, got ${index}`);
  }
  const name = sceneKinds[index % sceneKinds.length]!;
  const kind = kinds[name];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const scene = new Composition(stream(seed, 'scenes', index, attempt));
    if (!kind.compose(scene)) continue;
    const captions = writeCaptions(kind, scene.groups, stream(seed, 'scenes', index, 'captions'));
    if (!captions) continue;
    const { rotation, scale, light, ground, marks, things, groups } = scene;
    return { seed, index, kind: name, rotation, scale, light, ground, marks, things, groups, captions };
  }
  throw new LegendaError(`scenes: no room for a scene of the kind "${name}" (seed ${seed}, index ${index})`);
}
