import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdFolder } from '../src/data/hold-folder.js';
import { readEvents } from '../src/train/events.js';
import { isEvent, legenda, refused, settings, startLegenda } from './support/cli.js';
import { checkpointOf, type StoppedRuns, stoppedRuns } from './support/stopped-run.js';
import { outcomeOf } from './support/training.js';

let runs: StoppedRuns;
beforeAll(async () => {
  runs = await stoppedRuns();
}, 60_000);
afterAll(() => runs[Symbol.asyncDispose]());

const resume = ['train', 'fashion-cnn-best', '--resume'];

describe.concurrent('resume refuses, with status 2 and the run left as it was,', () => {
  test('another recipe', async () => {
    const run = runs.copy();
    const message = `${run} is a run of fashion-cnn-best, not of fashion-cnn`;
    await refused(['train', 'fashion-cnn', '--resume', run], 2, message, run);
  });

  test('another thread count', async () => {
    const run = runs.copy();
    const message = `the run ${run} was started with 1 threads; other bits would come of 2`;
    await refused([...resume, run, '--threads', '2'], 2, message, run);
  });

  test('a run that another process trains', async () => {
    const run = runs.copy();
    await using _ = await holdFolder(run, 'as if it were trained');
    const result = await legenda([...resume, run, '--threads', '1']);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(`legenda: the run ${run} is being trained by process ${process.pid} on `);
    expect((await readEvents(run)).at(-1)).toMatchObject({ type: 'end', state: 'interrupted' });
  });

  test('a run that has ended', async () => {
    const message = `the run ${runs.whole} has ended (done): there is nothing to resume`;
    await refused([...resume, runs.whole], 2, message, runs.whole);
  });

  test('other data', async () => {
    const run = runs.copy();
    const path = join(run, 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"6590302e/, '"00000000'));
    await refused([...resume, run], 2, `the run ${run} was started on other data (fashion-mnist-sample from `, run);
  });

  test.each([
    ['settings', '--set', 'lr=1'],
    ['a seed', '--seed', '42'],
    ['another folder', '--out', 'x'],
  ])('%s', async (_, option, value) => {
    const run = runs.copy();
    await refused([...resume, run, option, value], 2, `${option} and --resume exclude each other`, run);
  });
});

test('resume goes on from the checkpoint before where the newest is damaged, with a warning, to the same bits', async () => {
  const run = runs.copy();
  const newest = checkpointOf(run, 4);
  const bytes = readFileSync(newest);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(newest, bytes);
  const { status, stderr, stdout } = await legenda([...resume, run, '--json']);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ type: 'start', step: 3, resumed: true });
  expect(stderr).toContain(`WARNING: ${newest} is damaged: its SHA-256 is not the one that was saved\n`);
  expect(await outcomeOf(run)).toEqual(await outcomeOf(runs.whole));
});

test('a training whose output nobody reads any more is interrupted, and saved', async () => {
  const run = join(runs.root, 'unread');
  const args = [
    'train',
    'fashion-mlp',
    '--sample',
    '--threads',
    '1',
    '--json',
    '--out',
    run,
    ...settings({ epochs: 500 }),
  ];
  const { child, ended, line } = startLegenda(args);
  await line(isEvent('train'));
  child.stdout!.destroy();
  const { status, stderr } = await ended;
  expect({ status, stderr }).toEqual({ status: 130, stderr: expect.stringContaining('--resume') });
  expect((await readEvents(run)).slice(-2)).toMatchObject([
    { type: 'checkpoint' },
    { type: 'end', state: 'interrupted' },
  ]);
});
