import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordFixture } from '../../test/support/run-record.js';
import { configure } from '../recipes/configure.js';
import { classifierNamed } from '../recipes/table.js';
import { EventLog } from '../train/events.js';
import { createRun } from '../train/record.js';
import { fileNames, fromRecords } from './from-records.js';

describe('fromRecords', () => {
  it('gathers the record, what was changed of the recipe, and how far the run came', async () => {
    const root = await mkdtemp(join(tmpdir(), 'from-records-'));
    try {
      const dir = join(root, 'runs', 'lr=0.1');
      const configuration = configure(classifierNamed('fashion-cnn'), { lr: 0.1 }) as Record<string, unknown>;
      const record = { ...recordFixture(), configuration };
      await createRun(dir, record);
      using log = EventLog.open(dir);
      const epoch = { type: 'epoch', step: 1, trainLoss: 1, trainLossSinceStart: 1, learningRate: 0.1 } as const;
      for (const number of [1, 2]) log.append({ ...epoch, epoch: number, validation: {}, seconds: 3 });
      expect(await fromRecords([dir])).toEqual([
        { name: 'runs-lr=0.1', dir, record, changed: { lr: 0.1 }, state: 'running', epochs: 2, seconds: 6 },
      ]);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('has all settings of a recipe that is not known', async () => {
    const root = await mkdtemp(join(tmpdir(), 'from-records-'));
    try {
      await createRun(join(root, 'run'), { ...recordFixture(), recipe: 'of-tomorrow', configuration: { a: 1 } });
      expect(await fromRecords([join(root, 'run')])).toMatchObject([{ changed: { a: 1 } }]);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});

describe('fileNames', () => {
  it('takes the last two parts of a path', () => {
    expect(fileNames(['/a/b/runs/lr=0.1', 'runs\\mine', './mine', 'mine/'])).toEqual([
      'runs-lr=0.1',
      'runs-mine',
      'mine',
      'mine-2',
    ]);
  });

  it('is safe, short and never the same twice, not even in capitals', () => {
    const hostile = [
      '../..',
      '/',
      '',
      'a/<script>"\u0000',
      'a/Script',
      `${'x'.repeat(500)}/y`,
      'a/..',
      'con/✓',
      'CON/✗',
    ];
    const names = fileNames(hostile);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]([A-Za-z0-9.=,-]{0,70}[A-Za-z0-9])?$/);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(hostile.length);
  });
});
