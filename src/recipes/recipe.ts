import type { z } from 'zod';
import type { Module } from '../nn/module.js';
import type { Shape } from '../tensor/shape.js';

/** A network under a name, with its configuration: what `legenda summary`, `train` and the others take. */
export interface Recipe<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly title: string;
  /** Keys with their defaults; unknown ones are refused. */
  readonly schema: Schema;
  /** Channels, height and width of an image. */
  readonly image: Shape;
  /** The network. @throws UsageError when the configuration makes an impossible one */
  model(configuration: z.output<Schema>): Module;
  /** How it is trained; absent for networks that are only counted. */
  readonly training?: (configuration: z.output<Schema>) => ClassifierTraining;
}

/** The keys of a classifier's configuration that the training itself needs. */
export type ClassifierTraining = z.output<typeof import('./classifier-schema.js').trainingSchema>;
