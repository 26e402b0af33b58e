import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maskedCrc32c } from './crc32c.js';
import type { RunEvent } from './events.js';
import { TensorBoardWriter } from './tensorboard.js';

const time = '2024-01-02T03:04:05.500Z';
const start = (step: number, resumed: boolean): RunEvent => ({ type: 'start', time, step, epoch: 1, resumed });
const train = (step: number, loss: number): RunEvent => ({
  type: 'train',
  time,
  step,
  epoch: 1,
  loss,
  learningRate: 0.25,
  stepsPerSecond: 900,
});
const epoch = (step: number): RunEvent => ({
  type: 'epoch',
  time,
  epoch: 1,
  step,
  trainLoss: 0.375,
  trainLossSinceStart: 0.5,
  validation: { loss: 0.625, accuracy: 0.875 },
  learningRate: 0.25,
  seconds: 3,
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tensorboard-'));
});
afterEach(() => rm(dir, { recursive: true }));

function write(now: string, ...events: RunEvent[]): void {
  using writer = TensorBoardWriter.open(dir, new Date(now));
  for (const event of events) writer.append(event);
}

describe('TensorBoardWriter', () => {
  it('frames every message by its length and two masked CRCs', async () => {
    write(time, start(0, false), train(1, 0.5));
    const [name] = await readdir(dir);
    expect(name).toBe('events.out.tfevents.1704164645.legenda');
    const bytes = await readFile(join(dir, name!));
    const messages: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at));
      expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
      const message = bytes.subarray(at + 12, at + 12 + length);
      expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(message));
      messages.push(message);
      at += length + 16;
    }
    expect(messages).toHaveLength(2);
    // Field 1 (double), the seconds; field 2 (varint), step 0; field 3 (bytes, 13 long), the version.
    const seconds = Buffer.alloc(8);
    seconds.writeDoubleLE(1704164645.5);
    const version = Buffer.from('brain.Event:2');
    expect(messages[0]).toEqual(Buffer.concat([Buffer.of(0x09), seconds, Buffer.of(0x10, 0, 0x1a, 13), version]));
  });

  it('begins another file when one was begun in the same second', async () => {
    write(time);
    write(time);
    expect((await readdir(dir)).sort()).toEqual([
      'events.out.tfevents.1704164645.legenda',
      'events.out.tfevents.1704164645.legenda.1',
    ]);
  });

  it('names the file that it cannot write, and refuses events once closed', () => {
    expect(() => TensorBoardWriter.open(join(dir, 'gone'))).toThrow(/cannot create .*gone.*: there is no such file/);
    const writer = TensorBoardWriter.open(dir);
    writer.close();
    expect(() => writer.append(train(1, 1))).toThrow(/is closed/);
  });
});

describe("TensorBoard's own reader", () => {
  const reader = `
import json, math, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0})
events.Reload()
tags = events.Tags()['scalars']
print(json.dumps({tag: [[s.wall_time, s.step, s.value if math.isfinite(s.value) else str(s.value)] for s in events.Scalars(tag)] for tag in tags}))
`;
  const python = (...args: string[]) => spawnSync('python3', args, { encoding: 'utf8' });
  const present = python('-c', 'import tensorboard').status === 0;

  it.skipIf(!present)(
    `reads every scalar, and what a resumed run took back is gone${present ? '' : ' (skipped: needs `pip install tensorboard`)'}`,
    () => {
      write(time, start(0, false), train(10, 2), train(20, 1e300), train(30, 1), epoch(30));
      write('2024-01-02T03:05:00Z', start(20, true), train(30, 0.5), epoch(30), train(3_000_000_000, 0.25));
      const { stdout, stderr } = python('-c', reader, dir);
      expect(stdout, stderr).not.toBe('');
      const at = Date.parse(time) / 1000;
      expect(JSON.parse(stdout)).toEqual({
        'loss/train': [
          [at, 10, 2],
          // A value beyond float32 is infinite there.
          [at, 20, 'inf'],
          [at, 30, 0.5],
          [at, 3_000_000_000, 0.25],
        ],
        'learning rate': [10, 20, 30, 3_000_000_000].map((step) => [at, step, 0.25]),
        'steps per second': [10, 20, 30, 3_000_000_000].map((step) => [at, step, 900]),
        'loss/epoch': [[at, 30, 0.375]],
        'loss/validation': [[at, 30, 0.625]],
        'accuracy/validation': [[at, 30, 0.875]],
      });
    },
  );
});
