import { describe, expect, test } from 'vitest';
import { bitsOf, inFolder, oneThread, smallSet, smallSettings, smallTraining } from '../../test/support/training.js';
import { LegendaError } from '../errors.js';
import { Flatten, LogSoftmax } from '../nn/activation.js';
import { Linear } from '../nn/linear.js';
import { Sequential } from '../nn/sequential.js';
import { loadCheckpoint } from './checkpoint.js';
import { fitClassifier, type Training } from './classifier.js';
import { evaluateClassifier, evaluationBatchSize } from './evaluate.js';
import { readEvents, runState } from './events.js';
import { InferenceModel } from './inference.js';
import { inferenceParameters } from './step-graph.js';

const options = { runtime: oneThread };

/** A linear network that learns for three epochs of two steps, and unlearns from then on. */
async function upAndDown(more: object): Promise<Training> {
  const training = await smallTraining('fashion-cnn', { batch: 20, epochs: 20, validation: 0.5, ...more });
  const model = new Sequential({ flatten: new Flatten(), linear: new Linear(784, 10), logSoftmax: new LogSoftmax() });
  return { ...training, model, schedule: (step) => (step < 6 ? 0.05 : -0.05) };
}

const epochsOf = async (dir: string) => (await readEvents(dir)).filter((event) => event.type === 'epoch');

describe('patience', () => {
  test('ends a run after so many epochs without a better validation accuracy, and no earlier', async () => {
    const training = await upAndDown({ patience: 3 });
    await inFolder(async (dir) => {
      expect((await fitClassifier(dir, training, options)).state).toBe('stopped-early');
      expect(runState(await readEvents(dir))).toBe('stopped-early');
      const accuracies = (await epochsOf(dir)).map(({ validation }) => validation.accuracy!);
      const top = Math.max(...accuracies);
      expect(accuracies).toHaveLength(accuracies.indexOf(top) + 1 + 3);
      let best = -1;
      let stale = 0;
      for (const [i, accuracy] of accuracies.entries()) {
        stale = accuracy > best ? 0 : stale + 1;
        best = Math.max(best, accuracy);
        expect(stale >= 3, `stale after epoch ${i + 1}`).toBe(i === accuracies.length - 1);
      }
    });
  });
});

describe('steps that are taken together', () => {
  test('end where the loss is no number, and count for nothing', async () => {
    const training = await upAndDown({ batch: 4, epochs: 1 });
    // ten steps an epoch: the first is taken alone, and the others together
    const steep: Training = { ...training, schedule: (step) => (step < 4 ? 0.05 : 1e38) };
    await inFolder(async (dir) => {
      const steps: number[] = [];
      const result = await fitClassifier(dir, steep, { ...options, onStep: ({ step }) => steps.push(step) });
      expect(result.state).toBe('diverged');
      expect(result.message).toMatch(/^the loss of step [67] is (NaN|Infinity) \(learning rate 1e\+38\)$/);
      expect((await readEvents(dir)).at(-1)).toMatchObject({ type: 'end', state: 'diverged', step: steps.length + 1 });
      expect(await loadCheckpoint(dir, 'last')).toBeUndefined();
    });
  });

  test('are no more than a checkpoint waits for', async () => {
    const training = await upAndDown({ batch: 4, epochs: 2 });
    await inFolder(async (dir) => {
      await fitClassifier(dir, training, { ...options, checkpointSteps: 3 });
      const saved = (await readEvents(dir)).filter((event) => event.type === 'checkpoint');
      expect(saved.map(({ step }) => step)).toEqual([3, 6, 9, 10, 12, 15, 18, 20]);
    });
  });

  test.each(['stepsAtOnce', 'checkpointSteps'])('%s is a whole number from 1', async (name) => {
    const training = await upAndDown({ epochs: 1 });
    await inFolder(async (dir) => {
      for (const count of [0, -1, 1.5, Number.NaN]) {
        const message = `${name}: a whole number from 1 is expected, ${count} came`;
        await expect(fitClassifier(dir, training, { ...options, [name]: count })).rejects.toThrow(message);
      }
    });
  });
});

describe('a run', () => {
  test('has not ended before what belongs to it is written: what fails there is tried again', async () => {
    const training = await upAndDown({ epochs: 1 });
    await inFolder(async (dir) => {
      const full = { ...options, onTrained: () => Promise.reject(new LegendaError('the disk is full')) };
      await expect(fitClassifier(dir, training, full)).rejects.toThrow('the disk is full');
      expect((await readEvents(dir)).at(-1)).toMatchObject({
        type: 'end',
        state: 'failed',
        message: 'the disk is full',
      });
      const states: string[] = [];
      const writes = { ...options, onTrained: async () => void states.push(runState(await readEvents(dir))) };
      expect((await fitClassifier(dir, training, writes)).state).toBe('done');
      expect(states).toEqual(['running']);
      expect(runState(await readEvents(dir))).toBe('done');
    });
  });
});

describe('select', () => {
  test.each(['best', 'last'] as const)('%s: those parameters are given, and were tested', async (select) => {
    const training = await upAndDown({ epochs: 6, select });
    await inFolder(async (dir) => {
      const result = await fitClassifier(dir, training, options);
      const accuracies = (await epochsOf(dir)).map(({ validation }) => validation.accuracy!);
      expect(accuracies.at(-1), 'the last epoch is not the best').toBeLessThan(Math.max(...accuracies));

      const [best, last] = [await loadCheckpoint(dir, 'best'), await loadCheckpoint(dir, 'last')];
      expect(best!.step).toBe(2 * (accuracies.indexOf(Math.max(...accuracies)) + 1));
      expect(last!.step).toBe(12);
      const parameters = inferenceParameters((select === 'best' ? best : last)!.tensors);
      expect(bitsOf(result.parameters!)).toEqual(bitsOf(parameters));

      const { test: images } = await smallSet();
      const shape = [evaluationBatchSize, 1, 28, 28];
      await using model = await InferenceModel.compile(oneThread, training.model, { dtype: 'float32', shape });
      const scores = await evaluateClassifier(model, parameters, { images, map: training.map, classes: 10 });
      expect(result.test).toEqual(scores);
      const tested = (await readEvents(dir)).find((event) => event.type === 'test');
      expect(tested).toMatchObject({ checkpoint: select, loss: scores.loss, accuracy: scores.accuracy });
    });
  });
});

const wild = { ...smallSettings, lr: 1e30, schedule: 'constant', warmupEpochs: 0, validation: 0.5, batch: 20 };

describe('a loss that is not finite ends the run as diverged', () => {
  test('in training, at the step', async () => {
    const training = await smallTraining('fashion-cnn-best', { ...wild, epochs: 9 });
    await inFolder(async (dir) => {
      const { state, message, test: scores } = await fitClassifier(dir, training, options);
      expect({ state, scores }).toEqual({ state: 'diverged', scores: undefined });
      expect(message).toMatch(/^the loss of step 2 is (NaN|-?Infinity) \(learning rate 1e\+30\)$/);
      expect((await readEvents(dir)).at(-1)).toMatchObject({ type: 'end', state: 'diverged', step: 2, message });
      expect(await loadCheckpoint(dir, 'last'), 'what diverged is not saved').toBeUndefined();
    });
  });

  test('in validation, where no step follows', async () => {
    // One step an epoch: its loss is that of the parameters before it.
    const training = await smallTraining('fashion-cnn-best', { ...wild, epochs: 1, batch: 40 });
    await inFolder(async (dir) => {
      const { state, message } = await fitClassifier(dir, training, options);
      expect(state).toBe('diverged');
      expect(message).toMatch(/^the validation loss of epoch 1 is (NaN|-?Infinity) \(learning rate 1e\+30\)$/);
      expect(await loadCheckpoint(dir, 'last'), 'what diverged is not saved').toBeUndefined();
    });
  });
});
