import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { holdFile } from '../src/data/hold-folder.js';
import { childrenOf, legenda, refused, settings, startLegenda } from './support/cli.js';
import { inFolder, outcomeOf, smallSettings } from './support/training.js';

const small = { ...smallSettings, batch: 60, validation: 0.9, epochs: 1, schedule: 'constant', warmupEpochs: 0 };
const sweep = (dir: string, ...grid: readonly string[]) =>
  legenda([
    ...['sweep', 'fashion-cnn-best', '--sample', '--threads', '1', '--out', dir],
    ...settings(small),
    ...grid.flatMap((row) => ['--grid', row]),
  ]);

test.concurrent('sweep prints a row a trial with the best marked, and what became of the others', async () => {
  await inFolder(async (root) => {
    const { status, stdout, stderr } = await sweep(join(root, 'sweep'), 'lr=0.01,1e30', 'momentum=0.8,0.9');
    expect(status, stderr).toBe(0);
    const { best, trials } = JSON.parse(readFileSync(join(root, 'sweep', 'sweep.json'), 'utf8'));
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^ +TRIAL +STATE +EPOCHS +TRAINING LOSS +SINCE START +VALIDATION +TEST +TIME$/);
    expect(rows).toHaveLength(5);
    for (const [i, { name, state, validation, test: tested }] of trials.entries()) {
      const row = rows[i + 1]!;
      expect(row.startsWith(`${name === best ? '*' : ' '}  ${name} `), row).toBe(true);
      expect(row).toContain(` ${state} `);
      if (state === 'done') expect(row).toContain(`${validation.accuracy.toFixed(4)}  ${tested.accuracy.toFixed(4)}`);
    }
    expect(trials.map(({ state }: { state: string }) => state)).toEqual(['done', 'done', 'diverged', 'diverged']);
    expect(stderr).toMatch(
      /^lr=1e\+30,momentum=0\.9: diverged: the loss of step 2 is (NaN|-?Infinity) \(learning rate 1e\+30\)$/m,
    );
  });
});

test.concurrent('sweep refuses a seed beside a grid of seeds', async () => {
  await inFolder(async (root) => {
    const sweep = (...args: string[]) => ['sweep', 'fashion-mlp', '--sample', '--out', join(root, 'sweep'), ...args];
    const seed = '"seed" is set twice: by --seed, and by --grid';
    await refused(sweep('--grid', 'seed=1,2', '--seed', '5'), 2, seed, root);
  });
});

test.concurrent('sweep fails when no trial ended well, and still prints its table', async () => {
  await inFolder(async (root) => {
    const { status, stdout, stderr } = await sweep(join(root, 'sweep'), 'lr=1e30,1e31');
    expect(status).toBe(1);
    expect(stdout).toContain('lr=1e+31  diverged');
    expect(stderr.endsWith('legenda: no trial ended well\n')).toBe(true);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const waitFor = async (condition: () => boolean): Promise<void> => {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 60_000, interval: 50 });
};

describe.concurrent('trials in processes of their own', () => {
  const begin = (dir: string, epochs: number) =>
    startLegenda([
      ...['sweep', 'fashion-cnn-best', '--sample', '--jobs', '2', '--threads', '1', '--out', dir, '--json'],
      ...settings({ ...small, epochs }),
      ...['--grid', 'seed=1,2,3'],
    ]);
  const isSaved = (dir: string): boolean =>
    existsSync(join(dir, 'events.jsonl')) &&
    readFileSync(join(dir, 'events.jsonl'), 'utf8').includes('"type":"checkpoint"');
  const trainerOf = (dir: string): number => JSON.parse(readFileSync(join(dir, holdFile), 'utf8')).pid;

  test('are saved by Ctrl-C, and the same command ends them as if it had never come', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const running = begin(dir, 4);
      await waitFor(() => isSaved(join(dir, 'seed=1')) && isSaved(join(dir, 'seed=2')));
      running.child.kill('SIGINT');
      const { status, stdout, stderr } = await running.ended;
      expect(status, stderr).toBe(130);
      expect(JSON.parse(stdout).trials.map(({ state }: { state: string }) => state)).toEqual([
        'interrupted',
        'interrupted',
        'waiting',
      ]);
      expect((await begin(dir, 4).ended).status).toBe(0);
      expect((await begin(join(root, 'whole'), 4).ended).status).toBe(0);
      for (const seed of [1, 2, 3]) {
        expect(await outcomeOf(join(dir, `seed=${seed}`))).toEqual(
          await outcomeOf(join(root, 'whole', `seed=${seed}`)),
        );
      }
    });
  });

  test('are gone on with by another when one is killed, and end when the sweep does', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'sweep');
      const running = begin(dir, 400);
      const trial = join(dir, 'seed=1');
      await waitFor(() => isSaved(trial) && isSaved(join(dir, 'seed=2')));
      const [first, second] = [trainerOf(trial), trainerOf(join(dir, 'seed=2'))];
      process.kill(first, 'SIGKILL');
      const lines = readFileSync(join(trial, 'events.jsonl'), 'utf8').split('\n').length;
      await waitFor(() =>
        readFileSync(join(trial, 'events.jsonl'), 'utf8')
          .split('\n')
          .slice(lines - 1)
          .join('')
          .includes('"resumed":true'),
      );
      expect(isAlive(second)).toBe(true);
      const third = childrenOf(running.child.pid!).find((pid) => pid !== second)!;
      running.child.kill('SIGKILL');
      await running.ended;
      await waitFor(() => !isAlive(second) && !isAlive(third));
    });
  }, 180_000);
});
