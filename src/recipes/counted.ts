import { z } from 'zod';
import { convPoolLinear, mlp } from '../models/classifier.js';
import type { Recipe } from './recipe.js';

const none = z.strictObject({});

/** The report's first network that is counted and not trained. */
export const convPoolLinearRecipe: Recipe<typeof none> = {
  name: 'conv-pool-linear',
  title: 'Convolution, max-pooling, linear',
  schema: none,
  image: [3, 28, 28],
  model: convPoolLinear,
};

/** The report's second. */
export const mlpRecipe: Recipe<typeof none> = {
  name: 'mlp',
  title: 'Two linear layers',
  schema: none,
  image: [3, 28, 28],
  model: mlp,
};
