import { add, div, minimum, mul, pow, reduceSum, sqrt, sub } from '../ops/build.js';
import { scalar, zeros } from '../tensor/tensor.js';
import { each, type Transform } from './transform.js';

/** direction + decay·parameter: the gradient of ½·decay·|parameter|². */
export const addWeightDecay = (decay: number): Transform =>
  each(({ direction, parameter }) => add(direction, mul(parameter, decay)));

/** v ← momentum·v + direction; the direction becomes v, or direction + momentum·v (Nesterov, as in PyTorch's SGD). */
export const accumulateMomentum = (momentum: number, nesterov = false): Transform =>
  each(({ name, direction }, context) => {
    const state = context.state(`momentum/${name}`, zeros(direction));
    const velocity = add(mul(state.current, momentum), direction);
    state.next(velocity);
    return nesterov ? add(direction, mul(velocity, momentum)) : velocity;
  });

/** Adam's direction m̂ / (√v̂ + ε), bias-corrected (Kingma and Ba, 2015, algorithm 1). */
export const scaleByAdam =
  (beta1: number, beta2: number, epsilon: number): Transform =>
  (updates, context) => {
    const count = context.state('adam/step', scalar(0));
    const step = add(count.current, 1);
    count.next(step);
    const correction1 = sub(1, pow(beta1, step));
    const correction2 = sqrt(sub(1, pow(beta2, step)));
    return each(({ name, direction }) => {
      const first = context.state(`adam/m/${name}`, zeros(direction));
      const second = context.state(`adam/v/${name}`, zeros(direction));
      const m = add(mul(first.current, beta1), mul(direction, 1 - beta1));
      const v = add(mul(second.current, beta2), mul(mul(direction, direction), 1 - beta2));
      first.next(m);
      second.next(v);
      return div(div(m, correction1), add(div(sqrt(v), correction2), epsilon));
    })(updates, context);
  };

/** All directions times min(1, limit / their common norm), as PyTorch's `clip_grad_norm_`. */
export const clipByGlobalNorm =
  (limit: number): Transform =>
  (updates, context) => {
    if (updates.length === 0) return updates;
    const squares = updates.map(({ direction }) => reduceSum(mul(direction, direction)));
    const norm = sqrt(squares.reduce((sum, square) => add(sum, square)));
    const factor = minimum(div(limit, add(norm, 1e-6)), 1);
    return each(({ direction }) => mul(direction, factor))(updates, context);
  };
