import { z } from 'zod';
import { imageNet, preprocessing } from '../data/images/preprocess.js';

const share = z.number().min(0).lt(1);
const size = z.int().min(1);

/** How a captioner is made and trained. */
export const captionerSchema = z.strictObject({
  /** `scenes`, which is generated; a caption set in the data root by its name; or a folder. */
  dataset: z.string().min(1).default('scenes'),
  /** Pictures that are generated of `scenes`. */
  scenes: z.int().min(10).default(2000),
  /** What is taught and scored of a caption set: the words that it lists, or its sentences at blanks, lower-cased, where full
   * stops count as words. */
  words: z.enum(['tokens', 'raw']).default('tokens'),
  /** `resnet18` or `mobilenetv2` of the ONNX model zoo, or the path of an ONNX image model: its features are computed once
   * and kept. Null for a small one, trained along. */
  encoder: z.string().min(1).nullable().default(null),
  /** Tensor of the encoder's file that has the features; null for its output, or the last feature map of one of the zoo. */
  features: z.string().min(1).nullable().default(null),
  /** What the encoder was trained to see. */
  preprocessing: preprocessing.default(imageNet),
  /** Whether an encoder that comes from a file is trained along; its features are not kept then. */
  fineTune: z.boolean().default(false),
  /** Channels of the small encoder. */
  channels: z.tuple([size, size, size]).default([24, 48, 96]),
  /** Side of the pictures that the small encoder sees. */
  side: z.int().min(16).max(256).default(64),
  embedding: size.default(512),
  hidden: size.default(512),
  dropout: share.default(0.5),
  /** Words that are rarer in the training captions become unknown. */
  leastCount: size.default(1),
  /** Learning rate. */
  lr: z.number().positive().default(4e-4),
  /** Captions a step. */
  batch: size.default(32),
  epochs: size.default(12),
  /** Lengths in which the rows of a batch come: more fill up less, and take longer to compile. */
  buckets: size.default(3),
  optimiser: z.enum(['adam', 'adamw']).default('adam'),
  weightDecay: z.number().min(0).default(0),
  /** Largest norm of all gradients together; null for no limit. */
  clipNorm: z.number().positive().nullable().default(5),
  schedule: z.enum(['constant', 'step', 'cosine']).default('constant'),
  /** Epochs over which the learning rate rises first. */
  warmupEpochs: z.number().min(0).default(0),
  labelSmoothing: share.default(0),
  /** Probability, in the last epoch, of the decoder's own word taking the place of the one that is taught; rises from 0. */
  scheduledSampling: share.default(0),
  /** Decay of an average of the parameters, which is then validated and tested; null for none. */
  averageDecay: z.number().gt(0).lt(1).nullable().default(null),
  /** Stop after so many epochs without a better validation BLEU-4; null for never. */
  patience: size.nullable().default(null),
  /** Which parameters are tested: the last, or the best on validation. */
  select: z.enum(['last', 'best']).default('best'),
  /** Whose BLEU compares epochs. */
  bleu: z.enum(['coco', 'nltk']).default('nltk'),
  /** Drafts that are followed at once when captions are written: 1 is greedy. */
  beam: size.max(64).default(1),
  /** Whether to write what is most like the beam's other captions, not the likeliest. */
  consensus: z.boolean().default(false),
  /** The most words of a caption that is written. */
  maxLength: size.max(200).default(30),
});

export type CaptionerConfiguration = z.output<typeof captionerSchema>;
