import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transpile } from '../../test/support/transpile.js';
import { LegendaError } from '../errors.js';
import { EventLog, type NewEvent, type RunEvent, readEvents, runState } from './events.js';

const time = '2024-01-02T03:04:05.678Z';
const start = (step: number, resumed: boolean): RunEvent => ({ type: 'start', time, step, epoch: 1, resumed });
const train = (step: number, loss = 0.5): RunEvent => ({
  type: 'train',
  time,
  step,
  epoch: 1,
  loss,
  learningRate: 0.01,
  stepsPerSecond: 900,
});
const checkpoint = (step: number): RunEvent => ({ type: 'checkpoint', time, step, epoch: 1, best: false });
const end = (step: number, state: 'done' | 'interrupted' | 'diverged'): RunEvent => ({
  type: 'end',
  time,
  state,
  step,
  epoch: 1,
  seconds: 12.5,
});
const test: RunEvent = { type: 'test', time, loss: 0.3, accuracy: 0.9, checkpoint: 'best' };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'events-'));
});
afterEach(() => rm(dir, { recursive: true }));

const path = () => join(dir, 'events.jsonl');

function append(...events: NewEvent[]): void {
  using log = EventLog.open(dir);
  for (const event of events) log.append(event);
}

describe('EventLog', () => {
  it('writes a line an event, which readEvents gives back', async () => {
    const epoch: RunEvent = {
      type: 'epoch',
      time,
      epoch: 1,
      step: 20,
      trainLoss: 0.4,
      trainLossSinceStart: 0.6,
      validation: { loss: 0.41, accuracy: 0.85 },
      learningRate: 0.01,
      seconds: 3.5,
    };
    const events = [start(0, false), train(10), train(20), epoch, checkpoint(20), test, end(20, 'done')];
    append(...events);
    expect(await readEvents(dir)).toEqual(events);
    expect((await readFile(path(), 'utf8')).split('\n')).toHaveLength(events.length + 1);
  });

  it('gives an event the present time when it has none', async () => {
    using log = EventLog.open(dir);
    const before = Date.now();
    const event = log.append({ type: 'checkpoint', step: 1, epoch: 1, best: true });
    expect(Date.parse(event.time)).toBeGreaterThanOrEqual(before);
    expect(await readEvents(dir)).toEqual([event]);
  });

  it('keeps a loss that is not finite, as null in the file and NaN in memory', async () => {
    append(train(1, Number.NaN), train(2, Number.POSITIVE_INFINITY));
    expect(await readFile(path(), 'utf8')).toMatch(/"loss":null/);
    expect(await readEvents(dir)).toEqual([train(1, Number.NaN), train(2, Number.NaN)]);
  });

  it('appends to what is there', async () => {
    append(start(0, false));
    append(train(1));
    expect(await readEvents(dir)).toEqual([start(0, false), train(1)]);
  });

  it.each([1, 7, 40, 100])('goes on after a last line cut to %i bytes', async (length) => {
    append(start(0, false));
    await appendFile(path(), JSON.stringify(train(1)).slice(0, length));
    expect(await readEvents(dir)).toEqual([start(0, false)]);
    append(start(0, true), train(1));
    expect(await readEvents(dir)).toEqual([start(0, false), start(0, true), train(1)]);
  });

  it('keeps a last line that lacks only its newline', async () => {
    await writeFile(path(), JSON.stringify(train(1)));
    append(train(2));
    expect(await readEvents(dir)).toEqual([train(1), train(2)]);
  });

  it('passes over the NULs that power loss can leave', async () => {
    append(train(1));
    await appendFile(path(), Buffer.alloc(100));
    append(train(2));
    expect(await readEvents(dir)).toEqual([train(1), train(2)]);
  });

  it('refuses to append once closed', () => {
    const log = EventLog.open(dir);
    log.close();
    log.close();
    expect(() => log.append(train(1))).toThrow(/events\.jsonl is closed/);
  });

  it('names the file that it cannot write', () => {
    expect(() => EventLog.open(join(dir, 'gone'))).toThrow(/cannot open .*gone.events\.jsonl: there is no such file/);
  });

  it.skipIf(process.platform !== 'linux')('leaves the lines before untouched when the disk is full', async () => {
    using modules = transpile('train/events');
    const script = `
      import { EventLog } from ${JSON.stringify(modules.url('train/events'))};
      process.on('SIGXFSZ', () => {});
      const log = EventLog.open(${JSON.stringify(dir)});
      try {
        for (let step = 0; step < 100; step++) {
          log.append({ type: 'checkpoint', step, epoch: 1, best: false });
        }
      } catch (error) {
        console.log(error.name, error.message);
      }`;
    const child = spawnSync('sh', ['-c', 'ulimit -f 2; exec "$0" "$@"', process.execPath, '--input-type=module'], {
      input: script,
      encoding: 'utf8',
    });
    expect(child.stdout).toMatch(
      /LegendaError cannot append to .*events\.jsonl: the file would be larger than is allowed/,
    );
    const text = await readFile(path(), 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    const steps = (await readEvents(dir)).map((event) => 'step' in event && event.step);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual(steps.map((_, step) => step));
  });

  it('is read after every one of many kills', async () => {
    using modules = transpile('train/events');
    const script = `
      import { EventLog } from ${JSON.stringify(modules.url('train/events'))};
      const log = EventLog.open(${JSON.stringify(dir)});
      log.append({ type: 'start', step: 0, epoch: 1, resumed: true });
      console.log('started');
      for (let step = 1; ; step++) {
        log.append({ type: 'train', step, epoch: 1, loss: 0.5, learningRate: 0.01, stepsPerSecond: 1 });
      }`;
    for (let kill = 0; kill < 10; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 2],
      });
      await killed(child, kill);
      const steps = (await readEvents(dir)).flatMap((event) => (event.type === 'train' ? [event.step] : []));
      expect(steps).toEqual(steps.map((_, i) => i + 1));
      await rm(path());
    }
  });
});

/** Kills the child some milliseconds after its first output. */
function killed(child: ChildProcess, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds));
    child.once('exit', (_, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`the child ended by itself (${signal})`)),
    );
  });
}

describe('readEvents', () => {
  it('gives none before the first', async () => {
    expect(await readEvents(dir)).toEqual([]);
  });

  it('leaves out what came after the step that was resumed from', async () => {
    append(start(0, false), train(10), checkpoint(10), train(20), start(10, true), train(20), end(20, 'done'));
    const kept = [start(0, false), train(10), checkpoint(10), start(10, true), train(20), end(20, 'done')];
    expect(await readEvents(dir)).toEqual(kept);
  });

  it('leaves it out again when the same steps are done a third time', async () => {
    append(start(0, false), train(10), train(20), start(10, true), train(20), train(30), start(20, true), train(30));
    expect(await readEvents(dir)).toEqual([
      start(0, false),
      train(10),
      start(10, true),
      train(20),
      start(20, true),
      train(30),
    ]);
    append(start(0, true));
    expect(await readEvents(dir)).toEqual([start(0, false), start(0, true)]);
  });

  it('leaves out the test of a model that is gone, and keeps the end at the step resumed from', async () => {
    append(start(0, false), train(10), end(10, 'interrupted'), start(10, true), train(20), test, end(20, 'done'));
    append(start(10, true));
    expect(await readEvents(dir)).toEqual([
      start(0, false),
      train(10),
      end(10, 'interrupted'),
      start(10, true),
      start(10, true),
    ]);
  });

  it.each([
    ['is not JSON', '{"type":"train",,}', /events\.jsonl, line 2 is not JSON/],
    ['is of an unknown type', '{"type":"party"}', /line 2: "type"/],
    ['lacks a field', '{"type":"end"}', /line 2: "time"/],
    ['has a wrong value', JSON.stringify({ ...train(1), step: -1 }), /line 2: "step"/],
    ['is not an object', '17', /line 2/],
  ])('names a line that %s', async (_, line, message) => {
    append(start(0, false));
    await appendFile(path(), `${line}\n`);
    append(train(3));
    await expect(readEvents(dir)).rejects.toThrow(LegendaError);
    await expect(readEvents(dir)).rejects.toThrow(message);
  });
});

describe('runState', () => {
  it.each([
    ['running', []],
    ['running', [start(0, false), train(1)]],
    ['done', [start(0, false), end(1, 'done')]],
    ['done', [start(0, false), end(1, 'done'), test]],
    ['diverged', [start(0, false), end(1, 'diverged')]],
    ['running', [start(0, false), end(1, 'interrupted'), start(1, true)]],
  ] as const)('is %s', (state, events) => {
    expect(runState(events)).toBe(state);
  });
});
