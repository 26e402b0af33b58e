import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import { bitsOf, inFolder, oneThread, smallSet, smallSettings } from '../../../test/support/training.js';
import { LegendaError, UsageError } from '../../errors.js';
import type { ClassificationScores } from '../../metrics/classification.js';
import { loadCheckpoint } from '../../train/checkpoint.js';
import { readEvents } from '../../train/events.js';
import { fashionCnnBest } from '../fashion-cnn-best.js';
import { prepareClassifier } from '../run-recipe.js';
import { runTrial, type TrialSource } from '../run-trial.js';
import type { Halving, SweepPlan } from './plan.js';
import { parseRanges } from './ranges.js';
import { type SweepOptions, sweep, type TrialTask } from './sweep.js';
import type { SweepTable } from './table.js';

const settings = { ...smallSettings, batch: 20, epochs: 4 };
const halving: Halving = { mode: 'synchronous', eta: 2, minEpochs: 1 };

/** Four learning rates, of which two are trained for two epochs, and one for all four. */
const plan = (dir: string, more: Partial<SweepPlan> = {}): SweepPlan => ({
  ...{ recipe: fashionCnnBest, settings, grid: { lr: [1e-5, 0.01, 0.03, 0.05] }, seed: 42, dir, halving },
  ...more,
});

interface Given extends Partial<SweepOptions> {
  readonly before?: (task: TrialTask) => unknown;
  /** Instead of writing what belongs to a trained run. */
  readonly finish?: () => Promise<void>;
}

async function run(of: SweepPlan, { before, finish, ...more }: Given = {}): Promise<SweepTable> {
  const data = await smallSet();
  const source: TrialSource<ClassificationScores> = {
    prepare: (own, seed) => ({
      ...prepareClassifier(fashionCnnBest, own, data, seed),
      ...(finish && { finish }),
    }),
  };
  return sweep(of, {
    digests: data.digests,
    async run(task) {
      before?.(task);
      const { trial, untilEpoch } = task;
      await runTrial(trial, fashionCnnBest, source, {
        runtime: async () => oneThread,
        ...(untilEpoch !== undefined && { untilEpoch }),
        ...(more.signal && { signal: more.signal }),
      });
    },
    ...more,
  });
}

/** What must not depend on how a sweep was trained: rows and rungs without times and folders, and the bits of every trial. */
async function outcome({ trials, best, rungs }: SweepTable) {
  const rows = trials.map(({ dir: _, seconds: __, ...row }) => row);
  const bits = await Promise.all(
    trials.map(async ({ dir }) => {
      const checkpoint = await loadCheckpoint(dir, 'last');
      return checkpoint && { step: checkpoint.step, bits: bitsOf(checkpoint.tensors) };
    }),
  );
  return { rows, rungs, bits, best: best?.name };
}

const names = (rung: { readonly trials: readonly { readonly name: string }[] } | undefined) =>
  rung?.trials.map(({ name }) => name);

describe('a sweep that halves', () => {
  test('trains the best further, to the bits of a whole training, and says who was halted where', async () => {
    await inFolder(async (root) => {
      const table = await run(plan(join(root, 'halved')));
      const { trials, rungs = [], best } = table;
      expect(rungs.map(({ epochs, trials: own, isComplete }) => [epochs, own.length, isComplete])).toEqual([
        [1, 4, true],
        [2, 2, true],
        [4, 1, true],
      ]);
      for (const [k, rung] of rungs.entries()) {
        const scores = rung.trials.toSorted((a, b) => b.score! - a.score!).map(({ name }) => name);
        const order = trials
          .map(({ name }) => name)
          .filter((name) => scores.slice(0, rung.trials.length / 2).includes(name));
        expect(rung.promoted, `rung ${k}`).toEqual(k < 2 ? order : []);
        if (k > 0) expect(names(rung)).toEqual(rungs[k - 1]!.promoted);
      }
      const finished = trials.filter(({ state }) => state === 'done');
      expect(finished).toEqual([best]);
      expect(best).toMatchObject({ name: names(rungs[2])![0], epochs: 4, rung: { epochs: 4 } });
      expect(best!.test?.accuracy).toBeGreaterThan(0);
      for (const { state, epochs, rung, message, validation, test: tested } of trials.filter(
        (trial) => trial !== best,
      )) {
        expect(state).toBe('halted');
        expect(rung).toEqual({ epochs, score: validation!.accuracy });
        expect(message).toBe(`paused after ${epochs} of 4 epochs`);
        expect(tested).toBeNull();
      }
      const saved = JSON.parse(await readFile(join(root, 'halved', 'sweep.json'), 'utf8'));
      expect(saved).toMatchObject({ halving, best: best!.name, trials, rungs });

      const { halving: _, ...grid } = plan(join(root, 'whole'));
      const whole = await run(grid);
      const same = whole.trials.find(({ name }) => name === best!.name)!;
      expect(same.test).toEqual(best!.test);
      const [one, other] = await Promise.all([best!, same].map(({ dir }) => loadCheckpoint(dir, 'last')));
      expect(bitsOf(one!.tensors)).toEqual(bitsOf(other!.tensors));
      expect(whole.rungs).toBeUndefined();
    });
  });

  test('comes to the same with several at once, and after interruptions', async () => {
    await inFolder(async (root) => {
      const alone = await outcome(await run(plan(join(root, 'alone'))));
      expect(await outcome(await run(plan(join(root, 'three')), { limit: pLimit(3) }))).toEqual(alone);
      const dir = join(root, 'stopped');
      // it stops as each piece begins: in the first rung, the second and the last
      for (const piece of [0, 2, 1, 3, 0]) {
        const controller = new AbortController();
        let begun = 0;
        const before = () => {
          if (begun++ === piece) controller.abort();
        };
        const { trials } = await run(plan(dir), { signal: controller.signal, before });
        expect(trials.some(({ state }) => state !== 'done' && state !== 'halted')).toBe(true);
      }
      expect(await outcome(await run(plan(dir)))).toEqual(alone);
      const begun: number[] = [];
      expect(await outcome(await run(plan(dir), { before: ({ index }) => begun.push(index) }))).toEqual(alone);
      expect(begun, 'nothing is left to do').toEqual([]);
    });
  });

  test('halts none before its rung is complete', async () => {
    await inFolder(async (root) => {
      const controller = new AbortController();
      const before = ({ index }: TrialTask) => index === 2 && controller.abort();
      const { trials, rungs, best } = await run(plan(join(root, 'sweep')), { signal: controller.signal, before });
      expect(trials.map(({ state }) => state)).toEqual(['paused', 'paused', 'interrupted', 'waiting']);
      expect(trials.map(({ rung }) => rung?.epochs)).toEqual([1, 1, undefined, undefined]);
      expect(rungs!.map(({ trials: own, isComplete }) => [own.length, isComplete])).toEqual([
        [4, false],
        [0, false],
        [0, false],
      ]);
      expect(best?.rung?.epochs, 'the best so far').toBe(1);
    });
  });

  test('goes on without a trial that failed or diverged, and tries what failed again', async () => {
    await inFolder(async (root) => {
      const wild = plan(join(root, 'wild'), {
        settings: { ...settings, schedule: 'constant', warmupEpochs: 0 },
        grid: { lr: [1e30, 0.03, 1e31, 1e32] },
      });
      const { trials, best, rungs } = await run(wild);
      expect(trials.map(({ state }) => state)).toEqual(['diverged', 'halted', 'diverged', 'diverged']);
      expect(best).toMatchObject({ name: 'lr=0.03', rung: { epochs: 2 } });
      expect(rungs!.map(({ trials: own }) => own.map(({ score }) => score !== null))).toEqual([
        [false, true, false, false],
        [true],
        [],
      ]);

      const dir = join(root, 'failing');
      const good = await outcome(await run(plan(join(root, 'good'))));
      const fails = ({ index }: TrialTask) => {
        if (index === 3) throw new LegendaError('its process ended (SIGKILL)');
      };
      const failed = await run(plan(dir), { before: fails });
      expect(failed.trials[3]).toMatchObject({ state: 'failed', message: 'its process ended (SIGKILL)', rung: null });
      expect(failed.rungs!.map(({ trials: own }) => own.length)).toEqual([4, 2, 1]);
      expect(names(failed.rungs![1])).not.toContain('lr=0.05');
      const again = await outcome(await run(plan(dir)));
      expect(again.rungs).toEqual(good.rungs);
      expect(again.best).toEqual(good.best);
    });
  });

  test('tries the end of a trial again that failed after its last epoch', async () => {
    await inFolder(async (root) => {
      const full = () => Promise.reject(new LegendaError('the disk is full'));
      const failed = await run(plan(join(root, 'sweep')), { finish: full });
      expect(failed.trials.map(({ state }) => state).sort()).toEqual(['failed', 'halted', 'halted', 'halted']);
      const again = await run(plan(join(root, 'sweep')));
      expect(again.best).toMatchObject({ state: 'done', epochs: 4, rung: { epochs: 4 } });
      expect(again.best!.test?.accuracy).toBeGreaterThan(0);
    });
  });

  test('asynchronously promotes what is best so far, and ends', async () => {
    await inFolder(async (root) => {
      const pieces: string[] = [];
      const before = ({ index, untilEpoch }: TrialTask) => pieces.push(`${index} to ${untilEpoch}`);
      const wanted = plan(join(root, 'sweep'), { halving: { ...halving, mode: 'asynchronous' } });
      const { trials, best, rungs } = await run(wanted, { before });
      // after two have come, one goes on before the third begins
      expect(pieces[0]).toBe('0 to 1');
      expect(pieces[1]).toBe('1 to 1');
      expect(pieces[2]).toMatch(/^[01] to 2$/);
      expect(new Set(pieces).size).toBe(pieces.length);
      expect(trials.every(({ state }) => state === 'halted' || state === 'done')).toBe(true);
      expect(best).toMatchObject({ state: 'done', epochs: 4 });
      expect(rungs!.every(({ isComplete }) => isComplete)).toBe(true);
    });
  });

  test('of random trials goes on with more of them, and refuses fewer and other rules', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const ranges = parseRanges(['lr=log:1e-4..1e-1']);
      const drawn = (trials: number) => plan(dir, { grid: {}, random: { trials, ranges } });
      const few = await run(drawn(4));
      const many = await run(drawn(6));
      expect(many.trials.slice(0, 4).map(({ name }) => name)).toEqual(few.trials.map(({ name }) => name));
      expect(many.rungs!.map(({ trials }) => trials.length)).toEqual([6, 3, 1]);
      const fresh = await run({ ...drawn(6), dir: join(root, 'fresh') });
      expect(many.rungs).toEqual(fresh.rungs);
      for (const other of [
        drawn(5),
        { ...drawn(6), halving: { ...halving, eta: 3, minEpochs: 2 } },
        { ...drawn(6), seed: 43 },
      ]) {
        await expect(run(other)).rejects.toThrow(UsageError);
        await expect(run(other)).rejects.toThrow(/holds another sweep \(.*"random":\{"trials":6,/);
      }
    });
  });
});

test('a piece of a trial ends where it was told to', async () => {
  await inFolder(async (root) => {
    const { trials } = await run(plan(join(root, 'sweep')));
    for (const { dir, epochs } of trials) {
      const ends = (await readEvents(dir)).filter((event) => event.type === 'end');
      const expected = { 1: ['paused'], 2: ['paused', 'paused'], 4: ['paused', 'paused', 'done'] }[epochs];
      expect(ends.map(({ state }) => state)).toEqual(expected);
    }
  });
});
