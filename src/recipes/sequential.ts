import { z } from 'zod';
import { UsageError } from '../errors.js';
import { designed, plainLayers, withoutEnd } from '../models/designed.js';
import { formatShape } from '../tensor/shape.js';
import { trainingSchema } from './classifier-schema.js';
import type { ClassifierRecipe } from './recipe.js';

const size = z.int().min(1).max(65_536);

const layer = z.union([
  z.strictObject({
    type: z.literal('Conv2d'),
    channels: size,
    kernel: size,
    stride: size.optional(),
    padding: z.int().min(0).max(1024).optional(),
  }),
  z.strictObject({ type: z.enum(['MaxPool2d', 'AvgPool2d']), kernel: size, stride: size.optional() }),
  z.strictObject({ type: z.literal('Linear'), features: size }),
  z.strictObject({ type: z.literal('Dropout'), p: z.number().min(0).lt(1) }),
  z.strictObject({ type: z.enum(['BatchNorm2d', ...plainLayers]) }),
]);

const schema = trainingSchema.extend({
  /** Layers from the image on, one after the other; each is fitted to what the one before gives. */
  layers: z
    .array(layer)
    .min(1)
    .max(200)
    .default([
      { type: 'Flatten' },
      { type: 'Linear', features: 100 },
      { type: 'ReLU' },
      { type: 'Linear', features: 10 },
    ]),
});

const image = [1, 28, 28];
const classes = 10;

/** A network of one's own, as the studio's designer makes them. */
export const sequential: ClassifierRecipe<typeof schema> = {
  kind: 'classifier',
  name: 'sequential',
  title: 'Layers one after the other, as they are listed',
  schema,
  image,
  model({ layers }) {
    const body = withoutEnd(layers);
    const { outputs } = designed(image, body);
    const last = outputs.at(-1) ?? image;
    if (last.length !== 1 || last[0] !== classes)
      throw new UsageError(
        `layers: ${classes} numbers, one a class, are expected of the last, it gives ${formatShape(last)}`,
      );
    return designed(image, [...body, { type: 'LogSoftmax' }]).model;
  },
  training: ({ layers: _, ...training }) => training,
};
