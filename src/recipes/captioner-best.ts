import { z } from 'zod';
import { CaptionerAttention } from '../models/captioner-attention.js';
import { captionerSchema } from './captioner-schema.js';
import type { CaptionerRecipe } from './recipe.js';

const schema = captionerSchema.extend({
  attention: z.int().min(1).default(512),
  attentionPenalty: z.number().min(0).default(0),
  /** Few: once the decoder is sure of single words, its other captions say little. */
  epochs: z.int().min(1).default(6),
  averageDecay: z.number().gt(0).lt(1).nullable().default(0.998),
  beam: z.int().min(1).max(64).default(32),
  consensus: z.boolean().default(true),
  bleu: z.enum(['coco', 'nltk']).default('coco'),
});

/**
 * The decoder with additive attention as well as it can be used: its weights are averaged, and of the captions that it finds
 * likely the one that they have most in common is written.
 */
export const captionerBest: CaptionerRecipe<typeof schema> = {
  kind: 'captioner',
  name: 'captioner-best',
  title: 'The decoder with attention, averaged, writing what its captions agree on',
  schema,
  decoder: ({ attention }, sizes) => new CaptionerAttention({ ...sizes, attention }),
  training: ({ attention: _, ...training }) => training,
};
