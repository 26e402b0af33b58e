import { evaluationBatches } from '../data/batches.js';
import type { ImageClassificationSet } from '../data/dataset.js';
import type { TrainedModel } from './open-run.js';
import { trainingOf } from './train-recipe.js';

/** Images as a model takes them, with their classes. */
export interface PreparedImages {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly labels: readonly number[];
}

/** The first images of the test split, at most as many as there are. */
export function firstTestImages(
  { record, recipe }: TrainedModel,
  { test, ...data }: ImageClassificationSet,
  count: number,
): PreparedImages {
  const { map } = trainingOf(recipe, record.configuration, { test, ...data }, record.seed);
  const batchSize = Math.min(count, test.count);
  const indices = Uint32Array.from({ length: batchSize }, (_, i) => i);
  for (const { pixels, labels } of evaluationBatches(test, { batchSize, indices, map })) {
    const shape = [batchSize, test.channels, test.height, test.width];
    return { shape, data: pixels.slice(), labels: [...labels].map(Number) };
  }
  throw new Error('a split without images');
}
