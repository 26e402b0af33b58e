import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import type { Importer } from '../importer.js';
import { composed } from './composed.js';

/** log(1 + e^x), for x up to 0. */
const log1pExp = (x: Value): Value => build.log(build.add(build.exp(x), 1));

const softplus = (x: Value): Value => build.add(build.maximum(x, 0), log1pExp(build.neg(build.abs(x))));

/**
 * x above 0, elsewhere scale·(e^(x/width) - 1). The exponential sees only what is below 0: elsewhere it might overflow, and its
 * gradient become NaN.
 */
function elu(x: Value, scale: number, width = 1): Value {
  const below = build.minimum(x, 0);
  const grown = build.exp(width === 1 ? below : build.div(below, width));
  return build.where(build.greater(x, 0), x, build.mul(build.sub(grown, 1), scale));
}

function gelu(x: Value, approximate: string): Value {
  // x/2 · (1 + erf(x/√2)), or its approximation by tanh
  const inner =
    approximate === 'tanh'
      ? build.tanh(build.mul(build.add(x, build.mul(build.mul(build.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : build.erf(build.mul(x, Math.SQRT1_2));
  return build.mul(build.mul(x, 0.5), build.add(inner, 1));
}

const prelu = (x: Value, slope: Value): Value => build.where(build.greater(x, 0), x, build.mul(x, slope));

function shrink(x: Value, lambda: number, bias: number): Value {
  const outer = build.where(build.greater(x, lambda), build.sub(x, bias), build.mul(x, 0));
  return build.where(build.less(x, -lambda), build.add(x, bias), outer);
}

export const activations: Readonly<Record<string, Importer>> = {
  Celu: composed((x, node) => {
    const alpha = node.float('alpha') ?? 1;
    return elu(x, alpha, alpha);
  }),
  Elu: composed((x, node) => elu(x, node.float('alpha') ?? 1)),
  Gelu: composed((x, node) => gelu(x, node.string('approximate') ?? 'none')),
  HardSwish: composed((x) => build.mul(x, build.hardSigmoid(x, 1 / 6, 0.5))),
  Mish: composed((x) => build.mul(x, build.tanh(softplus(x)))),
  PRelu: composed((x, node) => prelu(x, node.bound(1).value())),
  Reciprocal: composed((x) => build.div(1, x)),
  // its own numbers, of Klambauer et al., 2017
  Selu: composed((x, node) =>
    build.mul(elu(x, node.float('alpha') ?? 1.6732632423543772), node.float('gamma') ?? 1.0507009873554805),
  ),
  Shrink: composed((x, node) => shrink(x, node.float('lambd') ?? 0.5, node.float('bias') ?? 0)),
  Softplus: composed(softplus),
  Softsign: composed((x) => build.div(x, build.add(build.abs(x), 1))),
  ThresholdedRelu: composed((x, node) => build.where(build.greater(x, node.float('alpha') ?? 1), x, build.mul(x, 0))),
};
