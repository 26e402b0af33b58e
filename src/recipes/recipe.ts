import type { z } from 'zod';
import type { CaptionDecoder, CaptionDecoderOptions } from '../models/caption-decoder.js';
import type { Module } from '../nn/module.js';
import type { Shape } from '../tensor/shape.js';
import type { CaptionerConfiguration } from './captioner-schema.js';

/** A configuration under a name. */
export interface Configurable<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly title: string;
  /** Keys with their defaults; unknown ones are refused. */
  readonly schema: Schema;
}

/** A network of images of one size that says what class they are, trained or only counted. */
export interface ClassifierRecipe<Schema extends z.ZodType = z.ZodType> extends Configurable<Schema> {
  readonly kind: 'classifier';
  /** Channels, height and width of an image. */
  readonly image: Shape;
  /** The network. @throws UsageError when the configuration makes an impossible one */
  model(configuration: z.output<Schema>): Module;
  /** How it is trained; absent for networks that are only counted. */
  readonly training?: (configuration: z.output<Schema>) => ClassifierTraining;
}

/** A decoder that says what is in an image, on an encoder that the configuration names. */
export interface CaptionerRecipe<Schema extends z.ZodType = z.ZodType> extends Configurable<Schema> {
  readonly kind: 'captioner';
  /** @param sizes that vocabulary, encoder and configuration give */
  decoder(configuration: z.output<Schema>, sizes: CaptionDecoderOptions): CaptionDecoder;
  /** How it is trained. */
  training(configuration: z.output<Schema>): CaptionerTraining;
}

/** A model under a name, with its configuration: what `legenda train` and the others take. */
export type Recipe = ClassifierRecipe | CaptionerRecipe;

/** The keys of a classifier's configuration that the training itself needs. */
export type ClassifierTraining = z.output<typeof import('./classifier-schema.js').trainingSchema>;

/** The keys that all captioners have, and what only some do. */
export type CaptionerTraining = CaptionerConfiguration & { readonly attentionPenalty: number };
