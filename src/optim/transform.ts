import type { Value } from '../graph/graph.js';
import type { Tensor } from '../tensor/tensor.js';

/** A trained parameter in a step graph, with the direction against which it moves, times the learning rate. */
export interface Update {
  /** Its path in the model. */
  readonly name: string;
  readonly parameter: Value;
  /** Of the parameter's shape: the gradient at first; each transform makes something else of it. */
  readonly direction: Value;
}

/** What a transform may use besides the gradients. */
export interface UpdateContext {
  /** A scalar, fed at every step. */
  readonly learningRate: Value;
  /**
   * A tensor that is kept from step to step, and in checkpoints.
   * @param name unique in the step, for example `momentum/conv1.weight`
   * @returns its current value, and where to say its next one
   */
  state(name: string, initial: Tensor): { readonly current: Value; next(value: Value): void };
}

/** Part of an optimiser: makes new directions of the given ones, emitting nodes into the step's graph (as in optax). */
export type Transform = (updates: readonly Update[], context: UpdateContext) => readonly Update[];

/** Plain gradient descent: directions are gradients. */
export const unchanged: Transform = (updates) => updates;

/** One transform after the other; `unchanged` where there is none. */
export const chain = (...transforms: readonly Transform[]): Transform =>
  transforms.length === 0
    ? unchanged
    : (updates, context) => transforms.reduce((current, transform) => transform(current, context), updates);

/** A transform that treats each parameter by itself; what it emits is marked with the parameter's name. */
export const each =
  (f: (update: Update, context: UpdateContext) => Value): Transform =>
  (updates, context) =>
    updates.map((update) => {
      const { name, direction } = update;
      return { ...update, direction: direction.graph.scoped(name, () => f(update, context)) };
    });
