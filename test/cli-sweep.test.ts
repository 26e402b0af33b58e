import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { legenda, settings } from './support/cli.js';
import { inFolder, smallSettings } from './support/training.js';

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

test.concurrent('sweep fails when no trial ended well, and still prints its table', async () => {
  await inFolder(async (root) => {
    const { status, stdout, stderr } = await sweep(join(root, 'sweep'), 'lr=1e30,1e31');
    expect(status).toBe(1);
    expect(stdout).toContain('lr=1e+31  diverged');
    expect(stderr.endsWith('legenda: no trial ended well\n')).toBe(true);
  });
});
