import { describe, expect, test } from 'vitest';
import { inFolder, oneThread, outcomeOf, smallSettings, smallTraining } from '../../test/support/training.js';
import { loadCheckpoint } from './checkpoint.js';
import { fitClassifier, type Training } from './classifier.js';
import { readEvents, runState } from './events.js';

// 60 images are 6 steps an epoch
const settings = { ...smallSettings, batch: 10, epochs: 4 };

const train = (dir: string, training: Training, untilEpoch?: number) =>
  fitClassifier(dir, training, { runtime: oneThread, ...(untilEpoch !== undefined && { untilEpoch }) });

const whole = (training: Training) =>
  inFolder(async (dir) => {
    const { state, test: scores } = await train(dir, training);
    return { state, scores, ...(await outcomeOf(dir)) };
  });

describe('a run that pauses', () => {
  test.each([
    ['momentum, averaging, augmentation, dropout, warm-up, cosine', {}, [1, 3]],
    ['Adam, a rate that falls in steps, the best epoch', adam(), [2, 3, 4]],
  ])('ends with the bits of one that did not, whatever the pieces: %s', async (_, more, pieces) => {
    const training = await smallTraining('fashion-cnn-best', { ...settings, ...more });
    await inFolder(async (dir) => {
      for (const epoch of pieces.filter((until) => until < 4)) {
        const message = `paused after ${epoch} of 4 epochs`;
        expect(await train(dir, training, epoch)).toEqual({ state: 'paused', message });
        const events = await readEvents(dir);
        expect(runState(events)).toBe('paused');
        expect(events.at(-1)).toMatchObject({ type: 'end', step: 6 * epoch, epoch, message });
        expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(epoch);
        expect((await loadCheckpoint(dir, 'last'))?.step).toBe(6 * epoch);
      }
      const { state, test: scores } = await train(dir, training, pieces.includes(4) ? 4 : undefined);
      expect({ state, scores, ...(await outcomeOf(dir)) }).toEqual(await whole(training));
    });
  });

  test('does nothing when it has those epochs already, and saves no other checkpoint', async () => {
    const training = await smallTraining('fashion-cnn-best', settings);
    await inFolder(async (dir) => {
      await train(dir, training, 2);
      const before = await loadCheckpoint(dir, 'last');
      for (const epoch of [2, 1]) {
        const result = await train(dir, training, epoch);
        expect(result).toEqual({ state: 'paused', message: 'paused after 2 of 4 epochs' });
      }
      expect(await loadCheckpoint(dir, 'last')).toEqual(before);
    });
  });

  test('ends where patience ends it, and is not paused there', async () => {
    // so small a rate changes bits, and no validation accuracy
    const stale = { lr: 1e-6, warmupEpochs: 0, schedule: 'constant', patience: 1 };
    const training = await smallTraining('fashion-cnn-best', { ...settings, ...stale });
    await inFolder(async (dir) => expect((await train(dir, training, 2)).state).toBe('stopped-early'));
  });

  test('is asked for whole epochs', async () => {
    const training = await smallTraining('fashion-cnn-best', settings);
    await inFolder(async (dir) => {
      for (const epoch of [0, 1.5])
        await expect(train(dir, training, epoch)).rejects.toThrow(
          `untilEpoch: a whole number from 1 is expected, ${epoch} came`,
        );
    });
  });
});

function adam() {
  return { optimiser: 'adam', momentum: 0, nesterov: false, averageDecay: null, schedule: 'step', select: 'best' };
}
