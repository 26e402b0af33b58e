import { expect, it } from 'vitest';
import { seedMeans } from './seed-means.js';
import type { TrialResult } from './sweep.js';

const trial = (name: string, seed: number, accuracy: number | null): TrialResult => ({
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
});

it('averages what differs in the seed alone, and leaves out what did not end well', () => {
  const means = seedMeans([
    trial('lr=0.1,seed=1', 1, 0.5),
    trial('lr=0.1,seed=2', 2, 0.75),
    trial('lr=0.1,seed=3', 3, null),
    trial('lr=1,seed=1', 1, 0.5),
    trial('lr=1,seed=2', 2, null),
  ]);
  expect(means).toEqual([
    {
      name: 'lr=0.1',
      seeds: [1, 2],
      measure: 'accuracy',
      validation: {
        accuracy: { mean: 0.625, standardDeviation: Math.sqrt(0.03125) },
        loss: { mean: 1, standardDeviation: 0 },
      },
      test: { accuracy: { mean: 0.375, standardDeviation: Math.sqrt(0.03125) } },
    },
  ]);
});

it('names nothing where the seed is all that was varied', () => {
  expect(seedMeans([trial('seed=1', 1, 0.5), trial('seed=2', 2, 0.5)])[0]).toMatchObject({
    name: '',
    test: { accuracy: { mean: 0.25, standardDeviation: 0 } },
  });
});
