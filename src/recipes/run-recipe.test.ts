import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshot } from '../../test/support/cli.js';
import { inFolder, oneThread, smallSet } from '../../test/support/training.js';
import { UsageError } from '../errors.js';
import { startRun } from './run-recipe.js';
import { classifierNamed } from './table.js';

test.each([
  ['mlp', {}, 'mlp is a network that is counted; it has no training'],
  ['fashion-cnn', { batch: 81 }, 'batch size 81 is larger than the 67 training images'],
  ['fashion-cnn', { shift: 28 }, 'augment.shift must be a whole number from 0 to 27, got 28'],
  ['fashion-cnn', { validation: 0.001 }, 'none of the 80 images is left for validation: its share is too small'],
  ['fashion-cnn', { optimiser: 'adam', momentum: 0.9 }, 'momentum and nesterov belong to sgd, the optimiser is adam'],
  ['fashion-cnn', { epochs: 1, warmupEpochs: 2 }, 'warmupEpochs: at most the 1 epochs are '],
])('a run of %s with %j is refused before anything is written', async (name, settings, message) => {
  await inFolder(async (root) => {
    const run = { recipe: classifierNamed(name), settings, seed: 1, dir: join(root, 'run') };
    const started = startRun(run, await smallSet(), { runtime: oneThread });
    await expect(started).rejects.toThrow(UsageError);
    await expect(started).rejects.toThrow(message);
    expect(snapshot(root)).toEqual({});
  });
});
