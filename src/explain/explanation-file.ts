import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../files.js';
import { readJson } from '../json.js';

/** A picture inside a page. */
const uri = z
  .string()
  .regex(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/, 'a PNG or JPEG in a data: URI is expected');

const shift = z.tuple([z.int(), z.int()]).readonly();

/** The mean of some values, with its 95 % bootstrap interval. */
const mean = z.object({ value: z.number(), interval: z.tuple([z.number(), z.number()]).readonly() });

const filters = z.object({
  layer: z.string(),
  filters: z.int(),
  channels: z.int(),
  /** Of every filter (across) and input channel (down), as many as are drawn; mid-grey is 0. */
  picture: uri,
  drawn: z.tuple([z.int(), z.int()]).readonly(),
  /** Height of the picture over its width. */
  aspect: z.number(),
  /** Orientation selectivity, of the trained filters, of those that training began from, and what training changed; absent for a run that began with weights of a file. */
  orientation: z.object({ trained: mean, initial: mean.optional(), change: mean.optional() }),
});

const layerShifts = z.object({
  path: z.string(),
  type: z.string(),
  stride: z.tuple([z.int(), z.int()]).readonly(),
  /** The largest error of shifts that the stride divides, and of all. */
  ofWholePlaces: z.number().optional(),
  ofAll: z.number().optional(),
  /** null where a shift leaves nothing to compare. */
  errors: z.array(z.object({ shift, error: z.number().nullable() })).readonly(),
});

const shifts = z.object({
  layers: z.array(layerShifts).readonly(),
  accuracy: z.array(z.object({ shift, accuracy: z.number() })).readonly(),
  /** Test images that the accuracy is over. */
  images: z.int(),
});

const exciting = z.object({
  /** Its number among the test images. */
  image: z.int(),
  picture: uri,
  class: z.string(),
  value: z.number(),
  /** What the exciting place sees, in shares of the picture: left, top, right, bottom; absent where that is not one square. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly().optional(),
});

const channel = z.object({
  channel: z.int(),
  exciting: z.array(exciting).readonly(),
  /** Found by gradient ascent, with the channel's largest value in it. */
  maximised: z.object({ picture: uri, value: z.number() }).optional(),
});

const layer = z.object({
  path: z.string(),
  type: z.string(),
  channels: z.int(),
  /** Class selectivity by channel. */
  selectivity: z.array(z.number()).readonly(),
  /** Some channels; none for layers that are not shown. */
  shown: z.array(channel).readonly(),
});

/** An image that was asked about. */
const given = z.object({
  /** Its class, or its file's name. */
  name: z.string(),
  /** Its number among the test images; absent for a file. */
  image: z.int().optional(),
});

const activation = given.extend({
  picture: uri,
  layers: z
    .array(z.object({ path: z.string(), picture: uri, aspect: z.number(), channels: z.int(), drawn: z.int() }))
    .readonly(),
});

const decision = given.extend({
  /** What it is, where that is known. */
  class: z.string().optional(),
  /** The class that the maps explain. */
  said: z.string(),
  /** Whether that was asked for; otherwise it is what the image was taken for. */
  asked: z.boolean().optional(),
  probability: z.number(),
  picture: uri,
  saliency: uri,
  integrated: uri,
  occlusion: uri,
  /** Of integrated gradients: what they should sum to, what they do, and from how many pieces of the way. */
  completeness: z.object({ difference: z.number(), sum: z.number(), pieces: z.int() }),
});

const explanation = z.object({
  format: z.literal(2),
  /** Of the checkpoint that was explained. */
  step: z.int(),
  /** Of the pictures that excite channels. */
  seed: z.int(),
  /** Test images that layers were examined on. */
  images: z.int(),
  classes: z.array(z.string()).readonly(),
  filters: z.array(filters).readonly(),
  shifts,
  layers: z.array(layer).readonly(),
  activations: z.array(activation).readonly(),
  decisions: z.array(decision).readonly(),
});

/** Why a classifier's run does what it does: what reports show of it. */
export type ExplanationFile = z.output<typeof explanation>;

const fileOf = (dir: string): string => join(dir, 'explanation.json');

export const writeExplanation = (dir: string, content: ExplanationFile): Promise<void> =>
  writeFileAtomic(fileOf(dir), `${JSON.stringify(content)}\n`);

/** @throws LegendaError when it is not there or damaged */
export const readExplanation = (dir: string): Promise<ExplanationFile> => readJson(fileOf(dir), explanation);
