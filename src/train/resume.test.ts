import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { inFolder, oneThread, outcomeOf, smallSettings, smallTraining } from '../../test/support/training.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { type ClassifierFitResult, fitClassifier, type Training } from './classifier.js';
import { eventsPath, readEvents, selectedEpoch } from './events.js';

/** What a run comes to that is interrupted when each number of steps is done. */
const interruptedAt = (training: Training, stops: readonly number[]) =>
  inFolder(async (dir) => {
    let from = 0;
    for (const stop of stops) {
      expect(await trainUntil(dir, training, from, stop)).toEqual({ state: 'interrupted' });
      from = stop;
    }
    const { state, test: scores } = await fitClassifier(dir, training, { runtime: oneThread });
    const starts = (await readEvents(dir)).filter((event) => event.type === 'start');
    expect(starts.map(({ step }) => step)).toEqual([0, ...stops]);
    return { ...(await outcomeOf(dir)), state, scores };
  });

function trainUntil(dir: string, training: Training, from: number, stop: number): Promise<ClassifierFitResult> {
  const controller = new AbortController();
  if (from === stop) controller.abort();
  return fitClassifier(dir, training, {
    runtime: oneThread,
    signal: controller.signal,
    // a run that is not interrupted takes many
    stepsAtOnce: 1,
    onStep: ({ step }) => {
      if (step === stop) controller.abort();
    },
  });
}

const common = { ...smallSettings, batch: 10 };
const sgd = {
  ...common,
  epochs: 2,
  validation: 0.25,
  erase: 0.3,
  clipNorm: 1,
  labelSmoothing: 0.1,
  averageDecay: 0.9,
};
const adam = { ...common, optimiser: 'adam', momentum: 0, nesterov: false, flip: 0, shift: 0 };
// So small a rate changes bits, and no validation accuracy.
const stale = { ...adam, lr: 1e-6, epochs: 9, patience: 2, select: 'best', validation: 0.7, schedule: 'step' };

describe('a run that is interrupted and resumed ends with the bits of one that never stopped', () => {
  // Of 80 images 60 are 6 batches of 10, and 24 are 2: one epoch and two stale ones.
  test.each([
    ['momentum, averaging, augmentation, dropout, warm-up, cosine', sgd, 12, 'done'],
    ['Adam, steps of the rate, patience, the best epoch', stale, 6, 'stopped-early'],
  ])('at every step: %s', async (_, settings, steps, state) => {
    const training = await smallTraining('fashion-cnn-best', settings);
    const whole = await interruptedAt(training, []);
    expect(whole).toMatchObject({ state, bits: { step: steps } });
    for (let step = 0; step < steps; step++)
      expect(await interruptedAt(training, [step]), `step ${step}`).toEqual(whole);
  });

  test('in several places', async () => {
    const training = await smallTraining('fashion-cnn-best', { ...sgd, averageDecay: null, clipNorm: null });
    const whole = await interruptedAt(training, []);
    for (const [where, stops] of Object.entries({
      'twice in an epoch': [2, 5],
      'at an epoch’s end and after the next step': [6, 7],
      'three times in the same place': [8, 8, 8],
      'twice before the first step': [0, 0],
    })) {
      expect(await interruptedAt(training, stops), where).toEqual(whole);
    }
  });

  test('a process that ended between saving and saying so: the best is known all the same', async () => {
    const training = await smallTraining('fashion-cnn-best', stale);
    await inFolder(async (dir) => {
      await trainUntil(dir, training, 0, 2);
      const events = await readFile(eventsPath(dir), 'utf8');
      const said = events.split('\n').filter((line) => !/"type":"(checkpoint|end)"/.test(line));
      await writeFile(eventsPath(dir), said.join('\n'));
      await fitClassifier(dir, training, { runtime: oneThread });
      expect(selectedEpoch(await readEvents(dir), 'best')).toMatchObject({ epoch: 1, step: 2 });
    });
  });

  test('none goes on from a checkpoint that lacks what the optimiser carries', async () => {
    const training = await smallTraining('fashion-cnn-best', adam);
    await inFolder(async (dir) => {
      await trainUntil(dir, training, 0, 3);
      const { step, tensors, progress } = (await loadCheckpoint(dir, 'last'))!;
      for (const name of tensors.keys()) if (name.startsWith('adam/sum/')) tensors.delete(name);
      await saveCheckpoint(dir, { step, tensors, progress }, { best: false });
      await expect(trainUntil(dir, training, 3, 4)).rejects.toThrow(/step 3 lacks "adam\/sum\/.*another version/);
    });
  });

  test('an interruption that comes with the last step is too late', async () => {
    const training = await smallTraining('fashion-cnn-best', { ...sgd, epochs: 1 });
    await inFolder(async (dir) => expect((await trainUntil(dir, training, 0, 6)).state).toBe('done'));
  });
});
