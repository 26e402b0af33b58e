import { fashionMlp } from '../models/classifier.js';
import { trainingSchema } from './classifier-schema.js';
import type { ClassifierRecipe } from './recipe.js';

/** Linear layers alone, trained as `fashion-cnn` is: what convolutions are compared with. */
export const fashionMlpRecipe: ClassifierRecipe<typeof trainingSchema> = {
  kind: 'classifier',
  name: 'fashion-mlp',
  title: 'Two linear layers for Fashion-MNIST',
  schema: trainingSchema,
  image: [1, 28, 28],
  model: fashionMlp,
  training: (training) => training,
};
