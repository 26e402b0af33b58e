import type { Stream } from '../tensor/random.js';
import type { Shape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';

/** Fills a new parameter. */
export type Initialiser = (random: Stream, into: Float32Array) => void;

/** A tensor that a module owns: trained by gradients, or (a buffer) updated by the forward pass itself. */
export class Parameter implements TensorType {
  readonly dtype = 'float32';
  readonly shape: Shape;
  readonly initialise: Initialiser;
  /** False for buffers such as running statistics, which no gradient reaches. */
  readonly trainable: boolean;

  constructor(shape: Shape, initialise: Initialiser, trainable = true) {
    this.shape = shape;
    this.initialise = initialise;
    this.trainable = trainable;
  }
}

export const filled =
  (value: number): Initialiser =>
  (_, into) => {
    into.fill(value);
  };
