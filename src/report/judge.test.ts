import { describe, expect, it } from 'vitest';
import type { ClassifierRun } from './data.js';
import { bestRun, judgedEpoch, ranking } from './judge.js';
import { publishedRates } from './published.js';

function run(learningRate: number, accuracies: readonly number[], more: Partial<ClassifierRun> = {}): ClassifierRun {
  const epochs = accuracies.map((validationAccuracy, i) => ({
    epoch: i + 1,
    trainLoss: 1,
    trainLossSinceStart: 1,
    validationLoss: 1,
    validationAccuracy,
    seconds: 1,
  }));
  const reported = publishedRates.find((row) => row.learningRate === learningRate);
  const setup = `${learningRate}`;
  return {
    dir: 'run',
    parameters: 1,
    seed: 1,
    setup,
    learningRate,
    configuration: { lr: learningRate },
    epochs,
    state: 'done',
    bestEpoch: 1,
    reported,
    ...more,
  };
}

describe('judgedEpoch', () => {
  it('is the last, or the best where that was tested', () => {
    expect(judgedEpoch(run(0.1, [0.9, 0.8]))?.epoch).toBe(2);
    const test = { loss: 1, accuracy: 0.9, checkpoint: 'best' } as const;
    expect(judgedEpoch(run(0.1, [0.9, 0.8], { test }))?.epoch).toBe(1);
    expect(judgedEpoch(run(0.1, []))).toBeUndefined();
  });
});

describe('bestRun', () => {
  it('goes by validation, and passes over runs without a result', () => {
    expect(bestRun([run(0.1, [0.8]), run(0.01, [0.9]), run(0.001, [0.95], { state: 'diverged' })])).toBe(1);
    expect(bestRun([run(0.1, [Number.NaN]), run(0.01, [0.1])])).toBe(1);
    expect(bestRun([run(0.1, []), run(0.1, [0.9], { state: 'failed' })])).toBe(-1);
  });

  it('compares runs that are paused with each other alone, after as many epochs', () => {
    const paused = [run(0.1, [0.99], { state: 'paused' }), run(0.01, [0.7, 0.8], { state: 'paused' })];
    expect(bestRun([...paused, run(0.001, [0.5])])).toBe(2);
    expect(bestRun(paused)).toBe(1);
  });
});

describe('over seeds', () => {
  const seeds = (learningRate: number, accuracies: readonly number[]) =>
    accuracies.map((accuracy, seed) => run(learningRate, [accuracy], { seed }));

  it('the best run is of the rate that is best on average', () => {
    expect(bestRun([...seeds(0.1, [0.99, 0.1]), ...seeds(0.01, [0.8, 0.9])])).toBe(3);
  });

  it('rates rank by their means', () => {
    const runs = [...seeds(0.1, [0.99, 0.1]), ...seeds(0.01, [0.8, 0.9]), ...seeds(0.001, [0.2, 0.3])];
    expect(ranking(runs)?.here).toEqual([0.01, 0.1, 0.001]);
  });
});

describe('ranking', () => {
  it('agrees when validation ranks the rates as the report does', () => {
    const runs = [run(0.001, [0.85]), run(0.01, [0.91]), run(0.1, [0.9])];
    expect(ranking(runs)).toEqual({ here: [0.01, 0.1, 0.001], report: [0.01, 0.1, 0.001], agrees: true });
  });

  it('disagrees otherwise, and puts a run that diverged last', () => {
    const runs = [run(0.1, [0.99], { state: 'diverged' }), run(0.01, [0.91]), run(0.001, [0.85])];
    expect(ranking(runs)).toEqual({ here: [0.01, 0.001, 0.1], report: [0.01, 0.1, 0.001], agrees: false });
  });

  it('leaves out rates that the report has not, and needs two', () => {
    expect(ranking([run(0.01, [0.91]), run(0.5, [0.99])])).toBeUndefined();
    expect(ranking([run(0.01, [0.91]), run(0.1, [0.99], { state: 'paused' })])).toBeUndefined();
    expect(ranking([run(0.5, [0.99]), run(0.01, [0.91]), run(0.1, [0.9])])?.here).toEqual([0.01, 0.1]);
  });
});
