import { describe, expect, test } from 'vitest';
import { bitsOf, inFolder, oneThread, smallSettings, smallTraining } from '../../test/support/training.js';
import { nodeRuntime } from '../runtime/node.js';
import { loadCheckpoint } from './checkpoint.js';
import { fitClassifier } from './classifier.js';

/** Bits of everything that training carries, at its end. */
async function bitsAfter(
  recipe: string,
  settings: Readonly<Record<string, unknown>>,
  seed: number,
  runtime = oneThread,
): Promise<Record<string, string>> {
  const training = await smallTraining(recipe, settings, seed);
  return inFolder(async (dir) => {
    const { state } = await fitClassifier(dir, training, { runtime });
    expect(state).toBe('done');
    return bitsOf((await loadCheckpoint(dir, 'last'))!.tensors);
  });
}

describe('the same seed and thread count give the same bits, another seed others', () => {
  test.each([
    ['dropout', 'fashion-cnn', { epochs: 1, batch: 8, dropout: 0.5 }, { dropout: 0.4 }],
    [
      'augmentation, momentum, averaging and batch normalisation',
      'fashion-cnn-best',
      { ...smallSettings, epochs: 2, batch: 8, flip: 0.5, shift: 2, erase: 0.5, dropout: 0 },
      { erase: 0 },
    ],
  ])('%s', async (_, recipe, settings, change) => {
    const bits = await bitsAfter(recipe, settings, 42);
    expect(await bitsAfter(recipe, settings, 42)).toEqual(bits);
    const other = await bitsAfter(recipe, settings, 43);
    const changed = await bitsAfter(recipe, { ...settings, ...change }, 42);
    for (const name of Object.keys(bits)) {
      expect(other[name], `${name} with another seed`).not.toBe(bits[name]);
      expect(changed[name], `${name} with ${JSON.stringify(change)}`).not.toBe(bits[name]);
    }
  });

  test('two threads', async () => {
    const settings = { epochs: 1, batch: 32 };
    const [first, second] = [
      await bitsAfter('fashion-cnn', settings, 7, nodeRuntime({ threads: 2 })),
      await bitsAfter('fashion-cnn', settings, 7, nodeRuntime({ threads: 2 })),
    ];
    expect(second).toEqual(first);
  });
});
