import { Captioner } from '../models/captioner.js';
import { captionerSchema } from './captioner-schema.js';
import type { CaptionerRecipe } from './recipe.js';

/** The report's decoder without attention. */
export const captioner: CaptionerRecipe<typeof captionerSchema> = {
  kind: 'captioner',
  name: 'captioner',
  title: 'The report’s caption decoder without attention',
  schema: captionerSchema,
  decoder: (_, sizes) => new Captioner(sizes),
  training: (configuration) => ({ ...configuration, attentionPenalty: 0 }),
};
