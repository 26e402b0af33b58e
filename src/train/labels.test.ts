import { expect, test } from 'vitest';
import { inFolder, oneThread, smallSet } from '../../test/support/training.js';
import { configure } from '../recipes/configure.js';
import { classifierNamed } from '../recipes/table.js';
import { trainingOf } from '../recipes/train-recipe.js';
import { fitClassifier } from './classifier.js';

test.each(['train', 'test'] as const)(
  'a label that is no class, in %s, is refused before anything is done',
  async (part) => {
    const data = await smallSet();
    const labels = data[part].labels.with(3, 10);
    const strange = { ...data, [part]: { ...data[part], labels } };
    const recipe = classifierNamed('fashion-cnn');
    const training = trainingOf(recipe, configure(recipe, {}), strange, 1);
    await inFolder(async (dir) => {
      const name = part === 'train' ? 'training' : 'test';
      await expect(fitClassifier(dir, training, { runtime: oneThread })).rejects.toThrow(
        `${name} images: label 10 of image 3 is not below 10`,
      );
    });
  },
);
