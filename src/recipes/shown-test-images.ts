import { evaluationBatches } from '../data/batches.js';
import type { ImageClassificationSet } from '../data/dataset.js';
import type { LabelledBatch } from '../explain/layers/examine.js';
import type { TrainedModel } from './open-run.js';

/** Images as a model takes them, with their classes. */
export interface PreparedImages {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly labels: readonly number[];
}

/**
 * What turns a picture's value in [0, 1] into what a model takes, by channel: (value - mean) / std.
 */
export function pixelsIn({ recipe, configuration }: TrainedModel): { mean: number[]; std: number[] } {
  const [channels] = recipe.image as [number, number, number];
  return {
    mean: Array(channels).fill(0),
    std: Array(channels).fill(1 / (255 * configuration.pixelScale)),
  };
}

/** The first images of the test split, at most as many as there are. */
export function firstTestImages(trained: TrainedModel, data: ImageClassificationSet, count: number): PreparedImages {
  const size = Math.min(count, data.test.count);
  const [{ pixels, labels }] = [...testBatches(trained, data, size, size)] as [LabelledBatch];
  return { shape: [size, ...trained.recipe.image], data: pixels, labels };
}

/**
 * The first images of the test split in batches of `size`; the last is filled up. The batches share their memory.
 * @param count of images, at most as many as there are
 */
export function* testBatches(
  { configuration }: TrainedModel,
  { test }: ImageClassificationSet,
  count: number,
  size: number,
): Generator<LabelledBatch> {
  const indices = Uint32Array.from({ length: Math.min(count, test.count) }, (_, i) => i);
  const map = { scale: configuration.pixelScale };
  for (const { pixels, labels, count } of evaluationBatches(test, { batchSize: size, indices, map }))
    yield { pixels, labels: Array.from(labels.subarray(0, count), Number) };
}
