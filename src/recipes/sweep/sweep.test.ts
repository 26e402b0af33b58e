import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { describe, expect, test } from 'vitest';
import { snapshot } from '../../../test/support/cli.js';
import { inFolder, oneThread, smallSet, smallSettings } from '../../../test/support/training.js';
import { UsageError } from '../../errors.js';
import type { ClassificationScores } from '../../metrics/classification.js';
import { fashionCnnBest } from '../fashion-cnn-best.js';
import { prepareClassifier } from '../run-recipe.js';
import { runTrial, type TrialSource } from '../run-trial.js';
import type { SweepPlan } from './plan.js';
import { sweep } from './sweep.js';
import { bestOf, type TrialResult } from './table.js';
import { type Grid, parseGrid } from './trials.js';

const settings = { ...smallSettings, batch: 10, epochs: 1 };
const plan = (dir: string, grid: Grid, more: object = {}): SweepPlan => ({
  recipe: fashionCnnBest,
  settings: { ...settings, ...more },
  grid,
  seed: 42,
  dir,
});

async function run(
  of: SweepPlan,
  { begin, ...more }: { begin?: (index: number) => unknown; signal?: AbortSignal; limit?: LimitFunction } = {},
): Promise<readonly TrialResult[]> {
  const data = await smallSet();
  const source: TrialSource<ClassificationScores> = {
    prepare: (own, seed) => prepareClassifier(fashionCnnBest, own, data, seed),
  };
  const { trials } = await sweep(of, {
    digests: data.digests,
    async run({ trial, index }) {
      await begin?.(index);
      await runTrial(trial, fashionCnnBest, source, { runtime: async () => oneThread });
    },
    ...more,
  });
  return trials;
}

const saved = async (dir: string) => JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8'));

describe('a sweep', () => {
  test('trains every combination, the last key fastest, and saves the table with the best', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const results = await run(plan(dir, parseGrid(['lr=0.05,0.001', 'seed=1,2', 'hidden=[6,5]'])));
      expect(results.map(({ name, seed, state }) => [name, seed, state])).toEqual([
        ['lr=0.05,seed=1,hidden=6_5', 1, 'done'],
        ['lr=0.05,seed=2,hidden=6_5', 2, 'done'],
        ['lr=0.001,seed=1,hidden=6_5', 1, 'done'],
        ['lr=0.001,seed=2,hidden=6_5', 2, 'done'],
      ]);
      expect(new Set(results.map(({ trainLoss }) => trainLoss)).size).toBe(4);
      const top = Math.max(...results.map(({ validation }) => validation!.accuracy!));
      expect(bestOf(results)).toBe(results.find(({ validation }) => validation?.accuracy === top));
      for (const { measure, test: tested } of results) {
        expect(measure).toBe('accuracy');
        expect(tested?.accuracy).toBeGreaterThan(0);
      }
      const { best, trials } = await saved(dir);
      expect(best).toBe(bestOf(results)?.name);
      expect(trials).toEqual(results);
    });
  });

  test('runs as many trials at once as it may, and gives the same', async () => {
    await inFolder(async (root) => {
      const grid = { lr: [0.05, 0.01, 0.001] };
      const [apart, together] = [plan(join(root, 'a'), grid), plan(join(root, 'b'), grid)];
      let most = 0;
      const limit = pLimit(2);
      const begin = () => {
        most = Math.max(most, limit.activeCount);
      };
      const facts = (results: readonly TrialResult[]) =>
        results.map(({ name, state, trainLoss, validation }) => ({ name, state, trainLoss, validation }));
      expect(facts(await run(together, { limit, begin }))).toEqual(facts(await run(apart)));
      expect(most).toBe(2);
    });
  });

  test('goes on past a trial that diverges, and does not repeat it', async () => {
    await inFolder(async (root) => {
      const wild = plan(join(root, 'sweep'), { lr: [1e30, 0.01] }, { schedule: 'constant', warmupEpochs: 0 });
      const results = await run(wild);
      expect(results.map(({ state }) => state)).toEqual(['diverged', 'done']);
      expect(results[0]!.message).toMatch(/^the loss of step 2 is (NaN|-?Infinity) \(learning rate 1e\+30\)$/);
      expect(bestOf(results)?.name).toBe('lr=0.01');
      const before = snapshot(join(root, 'sweep', 'lr=1e+30'));
      expect(await run(wild)).toEqual(results);
      expect(snapshot(join(root, 'sweep', 'lr=1e+30'))).toEqual(before);
    });
  });

  test('goes on past trials that fail, and tries them again', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const grid = { optimiser: ['adam', 'sgd'], batch: [10, 1000] };
      const results = await run(plan(dir, grid));
      expect(results.map(({ state, message }) => [state, message])).toEqual([
        ['failed', 'momentum and nesterov belong to sgd, the optimiser is adam'],
        ['failed', 'momentum and nesterov belong to sgd, the optimiser is adam'],
        ['done', undefined],
        ['failed', 'batch size 1000 is larger than the 60 training images'],
      ]);
      expect((await saved(dir)).best).toBe('optimiser=sgd,batch=10');
      const begun: number[] = [];
      expect(await run(plan(dir, grid), { begin: (index) => begun.push(index) })).toEqual(results);
      expect(begun).toEqual([0, 1, 2, 3]);
    });
  });

  test('goes on past trials whose folders are unreadable, and leaves what is in them', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const wanted = plan(dir, { lr: [0.01, 0.02, 0.03, 0.04] });
      const spoil = async () => {
        await mkdir(join(dir, 'lr=0.02'), { recursive: true });
        await writeFile(join(dir, 'lr=0.02', 'thesis.txt'), 'years of work');
        await writeFile(join(dir, 'lr=0.03'), 'a file');
        await mkdir(join(dir, 'lr=0.04'), { recursive: true });
        await writeFile(join(dir, 'lr=0.04', 'run.json'), '{');
        await writeFile(join(dir, 'lr=0.04', 'events.jsonl'), 'no event\n');
      };
      const results = await run(wanted, { begin: (index) => index === 0 && spoil() });
      expect(results.map(({ state }) => state)).toEqual(['done', 'failed', 'failed', 'failed']);
      expect(results[1]!.message).toContain('is not empty (it has "thesis.txt")');
      expect(results[2]!.message).toContain('cannot make the folder');
      expect(results[3]!.message).toContain('run.json is not JSON');
      expect(await readFile(join(dir, 'lr=0.04', 'run.json'), 'utf8')).toBe('{');
    });
  });

  test('marks no trial as best that did not end well', () => {
    const row = (state: TrialResult['state'], accuracy: number | null) =>
      ({ state, measure: 'accuracy', validation: accuracy === null ? null : { accuracy } }) as TrialResult;
    const good = row('stopped-early', 0.5);
    expect(bestOf([row('diverged', 0.9), row('interrupted', 0.8), good, row('done', 0.4), row('done', null)])).toBe(
      good,
    );
    expect(bestOf([row('failed', null), row('waiting', null)])).toBeUndefined();
  });
});

describe('a sweep refuses, and leaves as it was,', () => {
  const refused = async (of: SweepPlan, root: string, message: RegExp): Promise<void> => {
    const before = snapshot(root);
    await expect(run(of)).rejects.toThrow(UsageError);
    await expect(run(of)).rejects.toThrow(message);
    expect(snapshot(root)).toEqual(before);
  };

  test('a folder with another sweep, with this one on other data, or with anything else', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const stop = AbortSignal.abort();
      await run(plan(dir, { lr: [0.01] }), { signal: stop });
      await refused(plan(dir, { lr: [0.02] }), root, /holds another sweep \(.*"lr":\[0\.01\]/);
      await refused(plan(dir, { lr: [0.01] }, { epochs: 2 }), root, /holds another sweep \(.*"epochs":1/);
      const table = await saved(dir);
      await writeFile(join(dir, 'sweep.json'), JSON.stringify({ ...table, digests: { other: 'x' } }));
      await refused(plan(dir, { lr: [0.01] }), root, /holds another sweep on other data/);
      await writeFile(join(root, 'thesis.txt'), 'years of work');
      await refused(plan(root, { lr: [0.01] }), root, /is not empty \(it has "sweep"\)/);
    });
  });
});
