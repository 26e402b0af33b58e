/** Trainings that take a second: a few real images, a small network, real run folders. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageClassificationSet, LabelledImages } from '../../src/data/dataset.js';
import { loadFashionMnistSample } from '../../src/data/fashion-mnist.js';
import { configure } from '../../src/recipes/configure.js';
import { classifierNamed } from '../../src/recipes/table.js';
import { trainingOf } from '../../src/recipes/train-recipe.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { loadCheckpoint } from '../../src/train/checkpoint.js';
import type { Training } from '../../src/train/classifier.js';
import { type RunEvent, readEvents } from '../../src/train/events.js';

/**
 * `fashion-cnn-best` with a few hundred parameters, and momentum, averaging, augmentation and dropout: its own defaults may
 * change without changing what tests see.
 */
export const smallSettings = {
  ...{ channels: [2, 3], kernels: [3, 3], hidden: [6, 5], dropout: 0.3 },
  ...{ lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 5e-4, schedule: 'cosine', warmupEpochs: 1 },
  ...{ labelSmoothing: 0, averageDecay: 0.99, flip: 0.5, shift: 2, validation: 0.25 },
};

/** Spinning threads of tests that run side by side would only wait for each other. */
export const oneThread = nodeRuntime({ threads: 1 });

/** The first images of the bundled sample. */
export async function smallSet(train = 80, test = 30): Promise<ImageClassificationSet> {
  const sample = await loadFashionMnistSample();
  return { ...sample, train: first(sample.train, train), test: first(sample.test, test) };
}

function first(images: LabelledImages, count: number): LabelledImages {
  const size = images.channels * images.height * images.width;
  return { ...images, count, pixels: images.pixels.slice(0, count * size), labels: images.labels.slice(0, count) };
}

/** A recipe's training on the small set. */
export async function smallTraining(
  recipe: string,
  settings: Readonly<Record<string, unknown>>,
  seed = 42,
): Promise<Training> {
  const found = classifierNamed(recipe);
  return trainingOf(found, configure(found, settings), await smallSet(), seed);
}

/** A folder of its own for the work, deleted afterwards. */
export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'legenda-run-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** A digest of each tensor's bits, by name. */
export const bitsOf = (tensors: ReadonlyMap<string, Tensor>): Record<string, string> =>
  Object.fromEntries(
    [...tensors].sort().map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]),
  );

/** What must not depend on where a run was stopped: every tensor of its last checkpoint, its epochs and its test. */
export async function outcomeOf(dir: string): Promise<{ readonly bits: object; readonly events: readonly object[] }> {
  const checkpoint = await loadCheckpoint(dir, 'last');
  const events = await readEvents(dir);
  const epochs = events.filter(({ type }) => type === 'epoch').map(untimed);
  // A run that was killed between its test and its end is tested again.
  const test = untimed(events.findLast(({ type }) => type === 'test')!);
  return { bits: { step: checkpoint!.step, ...bitsOf(checkpoint!.tensors) }, events: [...epochs, test] };
}

function untimed(event: RunEvent): object {
  const { time: _, ...rest } = event;
  return 'seconds' in rest ? { ...rest, seconds: undefined } : rest;
}
