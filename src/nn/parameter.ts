import { LegendaError } from '../errors.js';
import type { Stream } from '../tensor/random.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';

/** Fills a new parameter, from a stream of random numbers of its own. */
export type Initialiser = (random: Stream, into: Float32Array) => void;

/** A tensor that a module owns: trained by gradients, or (a buffer) updated by the forward pass itself. */
export class Parameter implements TensorType {
  readonly dtype = 'float32';
  readonly shape: Shape;
  readonly initialise: Initialiser;
  /** False for buffers such as running statistics, which no gradient reaches. */
  readonly trainable: boolean;

  /** @throws LegendaError when a size is not a whole number from 0 */
  constructor(shape: Shape, initialise: Initialiser, trainable = true) {
    if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
      throw new LegendaError(`a parameter's sizes must be whole numbers from 0, ${formatShape(shape)} came`);
    }
    this.shape = shape;
    this.initialise = initialise;
    this.trainable = trainable;
  }
}

/** The same value everywhere. */
export const filled =
  (value: number): Initialiser =>
  (_, into) => {
    into.fill(value);
  };
