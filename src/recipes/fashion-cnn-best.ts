import { z } from 'zod';
import { FashionCnnBest } from '../models/fashion-cnn-best.js';
import { trainingSchema } from './classifier-schema.js';
import type { ClassifierRecipe } from './recipe.js';

const size = z.int().min(1);

const schema = trainingSchema.extend({
  channels: z.tuple([size, size]).default([32, 64]),
  kernels: z.tuple([size, size]).default([5, 5]),
  hidden: z.tuple([size, size]).default([200, 84]),
  dropout: z.number().min(0).lt(1).default(0.25),
  lr: z.number().positive().default(0.05),
  batch: z.int().min(1).default(64),
  epochs: z.int().min(1).default(30),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(true),
  weightDecay: z.number().min(0).default(5e-4),
  schedule: z.enum(['constant', 'step', 'cosine']).default('cosine'),
  warmupEpochs: z.number().min(0).default(1),
  labelSmoothing: z.number().min(0).lt(1).default(0.05),
  averageDecay: z.number().gt(0).lt(1).nullable().default(0.998),
  flip: z.number().min(0).max(1).default(0.5),
  shift: z.int().min(0).default(1),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .default(1 / 12),
});

/** Two convolutions and three linear layers within the report's parameter count, trained as well as that allows. */
export const fashionCnnBest: ClassifierRecipe<typeof schema> = {
  kind: 'classifier',
  name: 'fashion-cnn-best',
  title: 'Two convolutions and three linear layers at their best',
  schema,
  image: [1, 28, 28],
  model: ({ channels, kernels, hidden, dropout }) => new FashionCnnBest({ channels, kernels, hidden, dropout }),
  training: ({ channels: _c, kernels: _k, hidden: _h, dropout: _d, ...training }) => training,
};
