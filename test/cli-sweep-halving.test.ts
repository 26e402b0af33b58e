import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { RungResult, TrialResult } from '../src/recipes/sweep/table.js';
import { loadCheckpoint } from '../src/train/checkpoint.js';
import { readEvents } from '../src/train/events.js';
import { legenda, refused, settings, startLegenda } from './support/cli.js';
import { bitsOf, inFolder, smallSettings } from './support/training.js';

// epochs take long enough for a kill to come within one
const small = { ...smallSettings, batch: 20, validation: 0.5, epochs: 3 };
const halving = (dir: string, ...more: readonly string[]): string[] => [
  ...['sweep', 'fashion-cnn-best', '--sample', '--threads', '1', '--out', dir, ...settings(small)],
  ...['--random', '3', '--range', 'lr=log:1e-3..1', '--grid', 'momentum=0.8,0.9', '--halving', ...more],
];

interface Answer {
  readonly best: string;
  readonly trials: readonly TrialResult[];
  readonly rungs: readonly RungResult[];
}

/** What must be the same, however a sweep was interrupted. */
async function outcome(stdout: string) {
  const { best, trials, rungs } = JSON.parse(stdout) as Answer;
  const tensors = await Promise.all(trials.map(async ({ dir }) => (await loadCheckpoint(dir, 'last'))!.tensors));
  return { best, rungs, trials: trials.map(({ dir: _, seconds: __, ...row }) => row), bits: tensors.map(bitsOf) };
}

/** Of all trials together. */
async function epochsOf(dir: string): Promise<number> {
  const trials = existsSync(dir) ? readdirSync(dir).filter((name) => name.includes('lr=')) : [];
  const events = await Promise.all(trials.map((name) => readEvents(join(dir, name))));
  return events.flat().filter(({ type }) => type === 'epoch').length;
}

/** Waits until so many epochs have ended. @throws Error with what a sweep said that ended before */
async function reach(epochs: number, { ended }: ReturnType<typeof startLegenda>, dir: string): Promise<void> {
  let end: Awaited<typeof ended> | undefined;
  void ended.then((result) => {
    end = result;
  });
  while ((await epochsOf(dir)) < epochs) {
    if (end !== undefined)
      throw new Error(`it ended with ${end.status} after ${await epochsOf(dir)} epochs, and had said: ${end.stderr}`);
    await setTimeout(10);
  }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('sweep --random --halving', () => {
  test('says who was halted where, and comes to the same after kill -9 in both rungs', {
    timeout: 180_000,
  }, async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'whole');
      const { status, stdout, stderr } = await legenda(halving(dir, '--jobs', '1'));
      expect(status, stderr).toBe(0);
      expect(stderr).not.toContain('paused after');
      const whole = await legenda(halving(dir, '--json'));
      const { best, trials, rungs } = JSON.parse(whole.stdout) as Answer;
      expect(trials.map(({ epochs }) => epochs).sort()).toEqual([1, 1, 3]);
      expect(trials.find(({ name }) => name === best)).toMatchObject({ state: 'done', epochs: 3, rung: { epochs: 3 } });
      expect(rungs.map(({ promoted }) => promoted)).toEqual([[best], []]);
      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^ +TRIAL +STATE +EPOCHS +RUNG +TRAINING LOSS +SINCE START +VALIDATION +TEST +TIME$/);
      for (const [i, { name, state, epochs, validation }] of trials.entries()) {
        expect(name).toMatch(/^momentum=0\.[89],lr=[\d.]+$/);
        const cells = lines[i + 1]!.slice(3).split(/ +/);
        expect(lines[i + 1]!.startsWith('*')).toBe(name === best);
        expect(cells.slice(0, 4)).toEqual([name, state, String(epochs), String(epochs)]);
        expect(cells[6]).toBe(validation!.accuracy!.toFixed(4));
      }
      expect(lines[4]).toBe(
        'compared on validation: 3 trials after 1 epoch, 1 after 3 epochs; the best is of those after 3',
      );

      const killed = join(root, 'killed');
      for (const epochs of [1, 4]) {
        const running = startLegenda(halving(killed, '--json', '--jobs', '2'));
        await reach(epochs, running, killed);
        const workers = childrenOf(running.child.pid!);
        running.child.kill('SIGKILL');
        expect((await running.ended).status).toBe('SIGKILL');
        await vi.waitFor(() => expect(workers.every(isGone)).toBe(true), { timeout: 60_000, interval: 10 });
        expect(await epochsOf(killed), 'it had not ended').toBeLessThan(5);
      }
      const again = await legenda(halving(killed, '--json', '--jobs', '2'));
      expect(again.status, again.stderr).toBe(0);
      expect(await outcome(again.stdout)).toEqual(await outcome(whole.stdout));
    });
  });

  test('is refused before anything is written', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const sweep = (...args: readonly string[]) => ['sweep', 'fashion-cnn', '--sample', '--out', dir, ...args];
      const cases: readonly (readonly [readonly string[], string])[] = [
        [sweep('--random', '4'), '--random draws from --range and --grid: one of them is expected'],
        [sweep('--range', 'lr=0..1'), '--range is what trials are drawn from: --random N says how many'],
        [sweep('--random', '4', '--range', 'lr=1'), 'range "lr=1": key=LOW..HIGH is expected'],
        [sweep('--eta', '2'), '--eta and --min-epochs belong to --halving'],
        [sweep('--grid', 'lr=1,2', '--halving'), 'halving: with rungs of 1, 3, 9 and 15 epochs'],
        [sweep('--grid', 'epochs=1,2', '--halving'), 'epochs: halving decides how many a trial has'],
      ];
      for (const [args, message] of cases) await refused(args, 2, message, root);
    });
  });
});

describe('sweep of several recipes', () => {
  const several = (dir: string, ...more: readonly string[]): string[] => [
    ...['sweep', 'fashion-mlp', 'fashion-cnn-best', '--sample', '--threads', '1', '--out', dir, ...more],
    ...settings({ batch: 60, validation: 0.9, epochs: 1 }),
  ];

  test('is one table, with means over seeds and their intervals', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const args = several(dir, '--grid', 'seed=1,2');
      const { status, stdout, stderr } = await legenda(args);
      expect(status, stderr).toBe(0);
      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^ +RECIPE +TRIAL +STATE +EPOCHS +TRAINING LOSS/);
      expect(lines.slice(1, 5).map((line) => line.slice(3).split(/ +/).slice(0, 3))).toEqual([
        ['fashion-mlp', 'seed=1', 'done'],
        ['fashion-mlp', 'seed=2', 'done'],
        ['fashion-cnn-best', 'seed=1', 'done'],
        ['fashion-cnn-best', 'seed=2', 'done'],
      ]);
      const again = await legenda([...args, '--json']);
      const { best, trials, means } = JSON.parse(again.stdout);
      expect(trials.map((trial: TrialResult) => trial.dir)).toEqual([
        ...['fashion-mlp/seed=1', 'fashion-mlp/seed=2', 'fashion-cnn-best/seed=1', 'fashion-cnn-best/seed=2'].map(
          (name) => join(dir, name),
        ),
      ]);
      const marked = lines.findIndex((line) => line.startsWith('*')) - 1;
      expect(best).toBe(`${trials[marked].recipe}/${trials[marked].name}`);
      const top = Math.max(...trials.map((trial: TrialResult) => trial.validation!.accuracy!));
      expect(trials[marked].validation.accuracy).toBe(top);
      expect(lines[6]).toMatch(/^RECIPE +SETTINGS +SEEDS +VALIDATION +95 % +TEST +95 %$/);
      for (const [i, { recipe, seeds, validation }] of means.entries()) {
        expect(seeds).toEqual([1, 2]);
        const { mean, standardDeviation, interval } = validation.accuracy;
        const spread = `${mean.toFixed(4)} ± ${standardDeviation.toFixed(4)}`;
        const cells = lines[7 + i]!.split(/ {2,}/);
        expect(cells.slice(0, 4)).toEqual([
          recipe,
          '2',
          spread,
          `${interval[0].toFixed(4)} to ${interval[1].toFixed(4)}`,
        ]);
      }
      expect(means.map(({ recipe }: TrialResult) => recipe)).toEqual(['fashion-mlp', 'fashion-cnn-best']);
    });
  });

  test('is refused where settings do not fit one of them, or nothing compares them', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const message = '"hidden" is no key of fashion-mlp; it takes lr, ';
      await refused(several(dir, '--set', 'hidden=[6,5]'), 2, message, root);
      const other = ['sweep', 'fashion-cnn', 'captioner', '--out', dir];
      await refused(other, 2, 'nothing compares a classifier (fashion-cnn) with a captioner (captioner)', root);
      await refused(
        ['sweep', 'fashion-cnn', 'fashion-cnn', '--out', dir],
        2,
        'the recipe "fashion-cnn" comes twice',
        root,
      );
    });
  });
});
