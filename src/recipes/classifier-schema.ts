import { z } from 'zod';

const share = z.number().min(0).lt(1);

/** How a classifier is trained. Every recipe has these keys, with defaults of its own. */
export const trainingSchema = z.strictObject({
  /** Learning rate. */
  lr: z.number().positive().default(0.01),
  /** Images a step. */
  batch: z.int().min(1).default(8),
  epochs: z.int().min(1).default(15),
  optimiser: z.enum(['sgd', 'adam', 'adamw']).default('sgd'),
  momentum: share.default(0),
  nesterov: z.boolean().default(false),
  weightDecay: z.number().min(0).default(0),
  /** Largest norm of all gradients together; null for no limit. */
  clipNorm: z.number().positive().nullable().default(null),
  /** Learning rate over the steps: as it is, times 0.1 after every third of the epochs, or half a cosine to 0. */
  schedule: z.enum(['constant', 'step', 'cosine']).default('constant'),
  /** Epochs over which the learning rate rises first. */
  warmupEpochs: z.number().min(0).default(0),
  labelSmoothing: share.default(0),
  /** Decay of an average of the parameters, which is then validated and tested; null for none. */
  averageDecay: z.number().gt(0).lt(1).nullable().default(null),
  /** Stop after so many epochs without better validation accuracy; null for never. */
  patience: z.int().min(1).nullable().default(null),
  /** Which parameters are tested: the last, or the best on validation. */
  select: z.enum(['last', 'best']).default('last'),
  /** Share of the training images that is kept for validation. */
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .default(1 / 6),
  /** A pixel's byte is multiplied by this. */
  pixelScale: z
    .number()
    .positive()
    .default(1 / 256),
  /** Probability of a horizontal flip. */
  flip: z.number().min(0).max(1).default(0),
  /** Largest random shift, in pixels. */
  shift: z.int().min(0).default(0),
  /** Probability that a rectangle is erased. */
  erase: z.number().min(0).max(1).default(0),
});
