import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEvents } from '../src/train/events.js';
import { isEvent, legenda, refused, settings, startLegenda } from './support/cli.js';
import { inFolder, smallSettings } from './support/training.js';

const small = { ...smallSettings, batch: 60, validation: 0.9 };
const options = ['--sample', '--threads', '1'];

describe.concurrent('train refuses with status 2, before it writes anything,', () => {
  test.each([
    [
      'an unknown recipe',
      'fashion-cmm',
      {},
      'there is no recipe "fashion-cmm" (did you mean fashion-cnn?); there are ',
    ],
    [
      'an unknown key',
      'fashion-cnn',
      { epoch: 3 },
      '"epoch" (did you mean epochs?) is no key of fashion-cnn; it takes ',
    ],
    ['a rate of 0', 'fashion-cnn', { lr: 0 }, 'lr: Too small: expected number to be >0, got 0'],
    ['a negative rate', 'fashion-cnn', { lr: -1 }, 'lr: Too small: expected number to be >0, got -1'],
    [
      'a rate that is NaN',
      'fashion-cnn',
      { lr: 'NaN' },
      'lr: Invalid input: expected number, received string, got "NaN"',
    ],
    [
      'a rate that is a word',
      'fashion-cnn',
      { lr: 'abc' },
      'lr: Invalid input: expected number, received string, got "abc"',
    ],
    [
      'a batch larger than the data',
      'fashion-cnn',
      { batch: 2501 },
      'batch size 2501 is larger than the 2500 training images',
    ],
  ])('%s', async (_, recipe, values, message) => {
    await inFolder(async (root) => {
      await refused(['train', recipe, ...options, '--out', join(root, 'run'), ...settings(values)], 2, message, root);
    });
  });

  test.each([
    [
      'a seed that is no number',
      ['--seed', 'x'],
      "option '--seed <n>' argument 'x' is invalid. Expected a whole number from 0.",
    ],
  ])('%s', async (_, more, message) => {
    await inFolder(async (root) => {
      await refused(['train', 'fashion-cnn', ...options, '--out', join(root, 'run'), ...more], 2, message, root);
    });
  });

  test('a folder with something in it', async () => {
    await inFolder(async (root) => {
      mkdirSync(join(root, 'mine'));
      writeFileSync(join(root, 'mine', 'thesis.txt'), 'years of work');
      const mine = join(root, 'mine');
      const message = `${mine} is not empty (it has "thesis.txt"): choose a new or empty folder for the run`;
      await refused(['train', 'fashion-cnn', ...options, '--out', mine], 2, message, root);
    });
  });
});

describe.concurrent('train --json', () => {
  test('streams an event a line as it happens, and all that is for people goes to standard error', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'run');
      const running = startLegenda([
        ...['train', 'fashion-cnn-best', ...options, '--json', '--out', dir],
        ...settings({ ...small, epochs: 2, batch: 2 }),
      ]);
      // 300 steps: while the process stands still, what it has said must be here, and the rest not be done.
      await running.line(isEvent('train'));
      running.child.kill('SIGSTOP');
      expect((await readEvents(dir)).map(({ type }) => type)).not.toContain('end');
      running.child.kill('SIGCONT');
      const { status, stdout, stderr } = await running.ended;
      expect(status, stderr).toBe(0);
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.slice(0, -1)).toEqual(await readEvents(dir));
      expect(lines.map(({ type }) => type)).toEqual([
        ...['start', 'train', 'epoch', 'checkpoint', 'train', 'train', 'epoch', 'checkpoint', 'test', 'end', 'result'],
      ]);
      expect(lines.at(-1)).toMatchObject({ dir, state: 'done', testAccuracy: lines.at(-3).accuracy });
      expect(stderr).toMatch(/^WARNING: this uses the bundled SAMPLE/);
      expect(stderr).toContain(`${dir}: epoch 2, training loss`);
    });
  });

  test('a run that diverges says so, with status 1', async () => {
    await inFolder(async (root) => {
      const dir = join(root, 'run');
      const wild = settings({ ...small, lr: 1e30, schedule: 'constant', warmupEpochs: 0 });
      const { status, stdout, stderr } = await legenda([
        ...['train', 'fashion-cnn-best', ...options, '--json', '--out', dir],
        ...wild,
      ]);
      expect(status).toBe(1);
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
      expect(last).toMatchObject({ type: 'end', state: 'diverged', step: 2 });
      expect(last.message).toMatch(/^the loss of step 2 is (NaN|-?Infinity) \(learning rate 1e\+30\)$/);
      expect(stderr).toContain(`legenda: ${dir} diverged: ${last.message}. A smaller learning rate may help`);
    });
  });
});
