import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventLog, readEvents } from '../../train/events.js';
import { RunHistory } from './run-history.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'legenda-history-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const train = (step: number) => ({
  type: 'train' as const,
  step,
  epoch: 0,
  loss: 1 / step,
  learningRate: 0.1,
  stepsPerSecond: 9,
});
const epoch = (number: number, step: number) => ({
  ...{
    type: 'epoch' as const,
    epoch: number,
    step,
    trainLoss: 1,
    trainLossSinceStart: 1,
    learningRate: 0.1,
    seconds: 2,
  },
  validation: { loss: 1, accuracy: number / 10 },
});

it('follows a run as it is written, a line at a time and cut lines too', async () => {
  const history = new RunHistory(dir);
  await history.update();
  expect(history.progress).toMatchObject({ state: 'waiting', step: 0, epochs: [], losses: [] });
  const before = history.version;
  using log = EventLog.open(dir);
  log.append({ type: 'start', step: 0, epoch: 0, resumed: false });
  log.append(train(10));
  await history.update();
  expect(history.version).toBeGreaterThan(before);
  expect(history.progress).toMatchObject({
    state: 'running',
    step: 10,
    losses: [[10, 0.1, 0.1, 0.1]],
    stepsPerSecond: 9,
  });
  const line = `${JSON.stringify({ time: new Date().toISOString(), ...train(20) })}\n`;
  appendFileSync(join(dir, 'events.jsonl'), line.slice(0, 30));
  await history.update();
  expect(history.progress.step).toBe(10);
  appendFileSync(join(dir, 'events.jsonl'), line.slice(30));
  await history.update();
  expect(history.progress.step).toBe(20);
});

it('drops what happened to a model that is gone, as the record’s own reader does', async () => {
  using log = EventLog.open(dir);
  log.append({ type: 'start', step: 0, epoch: 0, resumed: false });
  for (const step of [10, 20]) log.append(train(step));
  log.append(epoch(1, 20));
  log.append({ type: 'checkpoint', step: 20, epoch: 1, best: true });
  for (const step of [30, 40]) log.append(train(step));
  log.append(epoch(2, 40));
  log.append({ type: 'start', step: 20, epoch: 1, resumed: true });
  log.append(train(30));
  log.append(epoch(2, 30));
  log.append({ type: 'end', state: 'done', step: 30, epoch: 2, seconds: 3 });
  const history = new RunHistory(dir);
  await history.update();
  const events = await readEvents(dir);
  const { losses, epochs, state, best } = history.progress;
  expect(losses.map(([step]) => step)).toEqual(events.flatMap((event) => (event.type === 'train' ? [event.step] : [])));
  expect(epochs.map(({ step }) => step)).toEqual(
    events.flatMap((event) => (event.type === 'epoch' ? [event.step] : [])),
  );
  expect([state, best]).toEqual(['done', 20]);
});

it('passes over damaged lines, and begins anew with a file that is another', async () => {
  const path = join(dir, 'events.jsonl');
  const line = (step: number) => JSON.stringify({ time: '2026-01-01T00:00:00.000Z', ...train(step) });
  writeFileSync(path, `${line(1)}\n{"type":"unknown"}\nno JSON\n${line(2)}\n${line(3)}\n`);
  const history = new RunHistory(dir);
  await history.update();
  expect(history.progress.losses.map(([step]) => step)).toEqual([1, 2, 3]);
  writeFileSync(path, `${line(1)}\n`);
  await history.update();
  expect(history.progress.losses.map(([step]) => step)).toEqual([1]);
});
