import { expect, it } from 'vitest';
import { seedMeans } from './seed-means.js';
import type { TrialResult } from './table.js';

const trial = (name: string, seed: number, accuracy: number | null, more: Partial<TrialResult> = {}): TrialResult => ({
  recipe: 'fashion-cnn',
  name,
  dir: name,
  settings: {},
  seed,
  state: accuracy === null ? 'diverged' : 'done',
  epochs: 1,
  trainLoss: 1,
  trainLossSinceStart: 1,
  measure: 'accuracy',
  validation: accuracy === null ? null : { accuracy, loss: 1 },
  test: accuracy === null ? null : { accuracy: accuracy - 0.25 },
  seconds: 1,
  ...more,
});

it('averages what differs in the seed alone, and leaves out what did not end well', () => {
  const means = seedMeans([
    trial('lr=0.1,seed=1', 1, 0.5),
    trial('lr=0.1,seed=2', 2, 0.75),
    trial('lr=0.1,seed=3', 3, null),
    trial('lr=1,seed=1', 1, 0.5),
    trial('lr=1,seed=2', 2, null),
  ]);
  const half = (12.7062 * 0.125 * Math.SQRT2) / Math.SQRT2;
  expect(means).toEqual([
    {
      recipe: 'fashion-cnn',
      name: 'lr=0.1',
      seeds: [1, 2],
      measure: 'accuracy',
      validation: {
        accuracy: { mean: 0.625, standardDeviation: Math.sqrt(0.03125), interval: around(0.625, half) },
        loss: { mean: 1, standardDeviation: 0, interval: [1, 1] },
      },
      test: { accuracy: { mean: 0.375, standardDeviation: Math.sqrt(0.03125), interval: around(0.375, half) } },
    },
  ]);
});

const around = (mean: number, half: number) => [expect.closeTo(mean - half, 10), expect.closeTo(mean + half, 10)];

it('names nothing where the seed is all that was varied', () => {
  expect(seedMeans([trial('seed=1', 1, 0.5), trial('seed=2', 2, 0.5)])[0]).toMatchObject({
    name: '',
    test: { accuracy: { mean: 0.25, standardDeviation: 0 } },
  });
});

it('averages recipes apart', () => {
  const other = { recipe: 'fashion-mlp' };
  const means = seedMeans([
    ...[trial('seed=1', 1, 0.5), trial('seed=2', 2, 0.5)],
    ...[trial('seed=1', 1, 0.75, other), trial('seed=2', 2, 0.75, other)],
  ]);
  expect(means.map(({ recipe, validation }) => [recipe, validation.accuracy?.mean])).toEqual([
    ['fashion-cnn', 0.5],
    ['fashion-mlp', 0.75],
  ]);
});

it('takes what halving left of the seeds of a setting for no sample of it', () => {
  const means = seedMeans([
    ...[trial('lr=1,seed=1', 1, 0.5), trial('lr=1,seed=2', 2, 0.5), trial('lr=1,seed=3', 3, 0.2, { state: 'halted' })],
    ...[trial('lr=2,seed=1', 1, 0.2, { state: 'halted' }), trial('lr=2,seed=2', 2, 0.2, { state: 'halted' })],
    ...[trial('lr=3,seed=1', 1, 0.5), trial('lr=3,seed=2', 2, 0.5)],
  ]);
  expect(means.map(({ name }) => name)).toEqual(['lr=3']);
});
