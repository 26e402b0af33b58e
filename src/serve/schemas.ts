import { z } from 'zod';

/** `?attention`, `?attention=true`: on; absent or false: off. */
const flag = z
  .enum(['', 'true', 'false'])
  .default('false')
  .transform((text) => text !== 'false');

const model = z.string().optional().describe('Which model; needed where several of the kind are served.');

/** What a caption may be asked for with. */
export const captionQuery = z.strictObject({
  model,
  best: z.coerce.number().int().min(1).max(64).default(1).describe('Captions, the best first; at most the beam.'),
  attention: flag.describe('Whether every word comes with how much each region of the image was looked at.'),
});

export const classQuery = z.strictObject({
  model,
  top: z.coerce.number().int().min(1).max(1000).default(5).describe('The likeliest classes, so many at most.'),
});

const word = z.object({
  word: z.string(),
  logProbability: z.number().describe('Natural logarithm of its probability after the words before.'),
  attention: z.array(z.number()).optional().describe('By region, row by row of the grid; 1 in all.'),
});

const caption = z.object({
  caption: z.string(),
  logProbability: z.number().describe('Of the whole: the sum of the words’, and of the end where it ended.'),
  ended: z.boolean().describe('False where it was cut at the longest length.'),
  words: z.array(word),
});

export const captionAnswer = z.object({
  model: z.string(),
  captions: z.array(caption).min(1),
  grid: z
    .object({ rows: z.int(), columns: z.int() })
    .optional()
    .describe(
      'Regions of the square that the model saw; absent where they are no square or attention was not asked for.',
    ),
});

export const classAnswer = z.object({
  model: z.string(),
  classes: z
    .array(z.object({ class: z.string(), label: z.int(), probability: z.number() }))
    .min(1)
    .describe('The likeliest first.'),
});

const common = {
  name: z.string(),
  recipe: z.string(),
  step: z.int().describe('Steps of its training.'),
  batch: z.int().describe('The most images that are computed together.'),
};

export const modelAnswer = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('captioner'),
    side: z.int().describe('Of the square of pixels that it sees.'),
    beam: z.int(),
    consensus: z.boolean(),
    attends: z.boolean().describe('Whether its words come with attention.'),
  }),
  z.object({ ...common, kind: z.literal('classifier'), classes: z.array(z.string()) }),
]);

export const modelsAnswer = z.object({ models: z.array(modelAnswer) });

export const problem = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .describe('RFC 9457');

export type CaptionBody = z.infer<typeof captionAnswer>;
export type ClassBody = z.infer<typeof classAnswer>;
export type ModelBody = z.infer<typeof modelAnswer>;
