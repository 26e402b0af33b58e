import { z } from 'zod';
import { convPoolLinear, mlp } from '../models/classifier.js';
import type { ClassifierRecipe } from './recipe.js';

const none = z.strictObject({});

/** The report's first network that is counted and not trained. */
export const convPoolLinearRecipe: ClassifierRecipe<typeof none> = {
  kind: 'classifier',
  name: 'conv-pool-linear',
  title: 'Convolution, max-pooling, linear',
  schema: none,
  image: [3, 28, 28],
  model: convPoolLinear,
};

/** The report's second. */
export const mlpRecipe: ClassifierRecipe<typeof none> = {
  kind: 'classifier',
  name: 'mlp',
  title: 'Two linear layers',
  schema: none,
  image: [3, 28, 28],
  model: mlp,
};
