import { z } from 'zod';
import { CaptionerAttention } from '../models/captioner-attention.js';
import { captionerSchema } from './captioner-schema.js';
import type { CaptionerRecipe } from './recipe.js';

const schema = captionerSchema.extend({
  /** Width of the layer in which hidden state and regions meet. */
  attention: z.int().min(1).default(512),
  /** How much it counts that every region be looked at once in all (Xu et al., 2015). */
  attentionPenalty: z.number().min(0).default(0),
});

/** The report's decoder with additive attention. */
export const captionerAttention: CaptionerRecipe<typeof schema> = {
  kind: 'captioner',
  name: 'captioner-attention',
  title: 'The report’s caption decoder with additive attention',
  schema,
  decoder: ({ attention }, sizes) => new CaptionerAttention({ ...sizes, attention }),
  training: ({ attention: _, ...training }) => training,
};
