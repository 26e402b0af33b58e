import { z } from 'zod';
import { FashionCnn } from '../models/classifier.js';
import { trainingSchema } from './classifier-schema.js';
import type { ClassifierRecipe } from './recipe.js';

const schema = trainingSchema.extend({ dropout: z.number().min(0).lt(1).default(0.3) });

/** The report's classifier with its recipe: plain SGD, batch 8, 15 epochs; the learning rate is what it tunes. */
export const fashionCnn: ClassifierRecipe<typeof schema> = {
  kind: 'classifier',
  name: 'fashion-cnn',
  title: 'The report’s Fashion-MNIST network',
  schema,
  image: [1, 28, 28],
  model: ({ dropout }) => new FashionCnn(dropout),
  training: ({ dropout: _, ...training }) => training,
};
