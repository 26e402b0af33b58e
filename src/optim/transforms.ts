import type { Value } from '../graph/graph.js';
import { add, div, minimum, mul, reduceSum, sqrt } from '../ops/build.js';
import { scalar, type Tensor, zeros } from '../tensor/tensor.js';
import { each, type Transform } from './transform.js';

/** direction + decay·parameter: the gradient of ½·decay·|parameter|². @param decay from 0 */
export const addWeightDecay = (decay: number): Transform =>
  each(({ direction, parameter }) => add(direction, mul(parameter, decay)));

/**
 * v ← momentum·v + direction, from v = 0; the direction becomes v, or direction + momentum·v (Nesterov, as in PyTorch's SGD).
 * @param momentum in [0, 1)
 */
export const accumulateMomentum = (momentum: number, nesterov = false): Transform =>
  each(({ name, direction }, context) => {
    const state = context.state(`momentum/${name}`, zeros(direction));
    const velocity = add(mul(state.current, momentum), direction);
    state.next(velocity);
    return nesterov ? add(direction, mul(velocity, momentum)) : velocity;
  });

/**
 * Adam's direction m̂ / (√v̂ + ε), bias-corrected (Kingma and Ba, 2015, algorithm 1).
 *
 * Where Adam's averages are s ← β·s + (1 - β)·x, these are sums s ← β·s + x, one pass over the parameters less. An average that is
 * corrected, by 1 - β^t, is the sum divided by the same sum of ones; and in single precision 1 - 0.999^t would have lost four
 * digits at first.
 *
 * @param beta1 decay of the average of the gradients, in [0, 1)
 * @param beta2 decay of the average of their squares, in [0, 1)
 * @param epsilon added to the root, from 0
 */
export const scaleByAdam =
  (beta1: number, beta2: number, epsilon: number): Transform =>
  (updates, context) => {
    const sum = (name: string, initial: Tensor, beta: number, value: Value | number): Value => {
      const state = context.state(name, initial);
      const next = add(mul(state.current, beta), value);
      state.next(next);
      return next;
    };
    const weight1 = sum('adam/weight1', scalar(0), beta1, 1);
    const weight2 = sqrt(sum('adam/weight2', scalar(0), beta2, 1));
    return each(({ name, direction }) => {
      const m = sum(`adam/sum/${name}`, zeros(direction), beta1, direction);
      const v = sum(`adam/squares/${name}`, zeros(direction), beta2, mul(direction, direction));
      // with what is one number for all parameters taken out of the division
      return mul(div(m, add(sqrt(v), mul(weight2, epsilon))), div(weight2, weight1));
    })(updates, context);
  };

/**
 * All directions times min(1, limit / (their common Euclidean norm + 1e-6)), as PyTorch's `clip_grad_norm_`.
 * @param limit above 0
 */
export const clipByGlobalNorm =
  (limit: number): Transform =>
  (updates, context) => {
    if (updates.length === 0) return updates;
    const squares = updates.map(({ direction }) => reduceSum(mul(direction, direction)));
    const norm = sqrt(squares.reduce((sum, square) => add(sum, square)));
    const factor = minimum(div(limit, add(norm, 1e-6)), 1);
    return each(({ direction }) => mul(direction, factor))(updates, context);
  };
