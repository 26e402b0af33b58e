import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordFixture } from '../../test/support/run-record.js';
import { LegendaError } from '../errors.js';
import { EventLog, type NewEvent } from '../train/events.js';
import { createRun, type RunRecord } from '../train/record.js';
import { fromRuns } from './from-runs.js';

const epoch = (number: number, accuracy: number): NewEvent => ({
  type: 'epoch',
  epoch: number,
  step: number * 10,
  trainLoss: 0.4,
  trainLossSinceStart: 0.6,
  validation: { loss: 0.5, accuracy },
  learningRate: 0.005,
  seconds: 3,
});

const start: NewEvent = { type: 'start', step: 0, epoch: 1, resumed: false };
const end: NewEvent = { type: 'end', state: 'done', step: 30, epoch: 3, seconds: 9 };
const best: NewEvent = { type: 'checkpoint', step: 20, epoch: 2, best: true };

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'from-runs-'));
  dir = join(root, 'run');
});
afterEach(() => rm(root, { recursive: true }));

async function run(events: readonly NewEvent[], more: Partial<RunRecord> = {}): Promise<void> {
  await createRun(dir, { ...recordFixture(), ...more });
  using log = EventLog.open(dir);
  for (const event of events) log.append(event);
}

describe('fromRuns', () => {
  it('gathers a run from its folder', async () => {
    const test: NewEvent = { type: 'test', loss: 0.3, accuracy: 0.9, checkpoint: 'best' };
    await run([start, epoch(1, 0.7), epoch(2, 0.9), best, epoch(3, 0.8), test, end]);
    await writeFile(join(dir, 'filters.json'), '{"layers":[{"layer":"conv1","kernels":[[[0.5,null],[1,2]]]}]}');
    await writeFile(join(dir, 'confusion.json'), '{"classes":["a","b"],"counts":[[1,2],[3,4]]}');
    const row = { trainLoss: 0.4, trainLossSinceStart: 0.6, validationLoss: 0.5, seconds: 3 };
    expect(await fromRuns([dir])).toEqual([
      {
        dir,
        parameters: 769_930,
        seed: 42,
        setup: '["fashion-cnn",{"lr":0.01},{},{"train":9,"validation":9,"test":9},null]',
        learningRate: 0.01,
        configuration: { lr: 0.01 },
        epochs: [0.7, 0.9, 0.8].map((validationAccuracy, i) => ({ epoch: i + 1, ...row, validationAccuracy })),
        state: 'done',
        test: { loss: 0.3, accuracy: 0.9, checkpoint: 'best' },
        bestEpoch: 2,
        reported: { learningRate: 0.01, trainingLoss: 0.3268, validationAccuracy: 0.9111, testAccuracy: 0.906 },
        filters: [
          {
            layer: 'conv1',
            kernels: [
              [
                [0.5, Number.NaN],
                [1, 2],
              ],
            ],
          },
        ],
        confusion: {
          classes: ['a', 'b'],
          counts: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ]);
  });

  it('takes a run that has only begun', async () => {
    await run([]);
    expect(await fromRuns([dir])).toMatchObject([{ epochs: [], state: 'running', bestEpoch: 0, learningRate: 0.01 }]);
  });

  it('finds the best epoch by accuracy when no best checkpoint was saved, and the rate in the events', async () => {
    await run([start, epoch(1, Number.NaN), epoch(2, 0.7), epoch(3, 0.6)], { configuration: {} });
    expect(await fromRuns([dir])).toMatchObject([{ bestEpoch: 2, learningRate: 0.005, reported: undefined }]);
  });

  it('compares with the report only what is the report’s recipe', async () => {
    await run([start], { recipe: 'fashion-cnn-best' });
    expect((await fromRuns([dir]))[0]?.reported).toBeUndefined();
  });

  it.each([
    ['filters.json', '{"layers":1}', /filters\.json: "layers"/],
    ['filters.json', '{', /filters\.json is not JSON/],
    ['confusion.json', '{"classes":["a","b"],"counts":[[1,2]]}', /counts is not a square/],
    ['confusion.json', '{"classes":["a"],"counts":[[-1]]}', /confusion\.json: "counts\.0\.0"/],
    ['run.json', '{}', /run\.json has no format/],
    ['events.jsonl', '{"type":"party"}\n', /events\.jsonl, line 1/],
  ])('names a damaged %s (%s)', async (name, text, message) => {
    await run([start]);
    await writeFile(join(dir, name), text);
    await expect(fromRuns([dir])).rejects.toThrow(LegendaError);
    await expect(fromRuns([dir])).rejects.toThrow(message);
  });

  it('names a folder that is no run, and a run without a rate', async () => {
    await expect(fromRuns([root])).rejects.toThrow(`${root} is not a run`);
    await run([start], { configuration: {} });
    await expect(fromRuns([dir])).rejects.toThrow(/has no learning rate/);
  });
});
