import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { createRun } from '../src/train/record.js';
import { refused } from './support/cli.js';
import { recordFixture } from './support/run-record.js';
import { inFolder } from './support/training.js';

describe.concurrent('report refuses by name', () => {
  test('a run that comes twice, by whichever path', async () => {
    await inFolder(async (root) => {
      const run = join(root, 'run');
      const link = join(root, 'link');
      await createRun(run, recordFixture());
      symlinkSync(run, link);
      const report = (...dirs: string[]) => ['report', ...dirs, '--out', join(root, 'out')];
      await refused(report(run, `${run}/`), 2, `the run ${run} comes twice\n`, root);
      await refused(report(run, link), 2, `the run ${link} comes twice: it is ${run} too\n`, root);
    });
  });

  test('a sweep, and says which runs are in it', async () => {
    await inFolder(async (root) => {
      const sweep = join(root, 'sweep');
      mkdirSync(sweep);
      writeFileSync(join(sweep, 'sweep.json'), '{}');
      const report = (dir: string) => ['report', dir, '--out', join(root, 'out')];
      await refused(report(sweep), 2, `${sweep} is a sweep, not a run, and has no runs yet`, root);
      for (const rate of [0.1, 0.2]) await createRun(join(sweep, `lr=${rate}`), recordFixture());
      const runs = `${sweep}/lr=0.1 ${sweep}/lr=0.2`;
      const message = (dir: string, names: string) =>
        `${dir} is a sweep, not a run; its runs are ${names}: legenda report `;
      await refused(report(sweep), 2, `${message(sweep, 'lr=0.1 and lr=0.2')}${runs}\n`, root);
      await refused(report(root), 2, `${message(root, 'sweep/lr=0.1 and sweep/lr=0.2')}${runs}\n`, root);
      for (let i = 0; i < 7; i++) await createRun(join(sweep, `seed=${i}`), recordFixture());
      const some = `lr=0.1, lr=0.2, ${[0, 1, 2, 3, 4, 5].map((i) => `seed=${i}`).join(', ')} and 1 more`;
      await refused(report(sweep), 2, `${message(sweep, some)}${sweep}/*/\n`, root);
    });
  });
});
