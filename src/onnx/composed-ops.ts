import type { Value } from '../graph/graph.js';
import * as build from '../ops/build.js';
import { type Bound, computed } from './bound.js';
import type { Importer } from './importer.js';
import type { NodeSource } from './node-source.js';
import { isHalf } from './read-tensor.js';

/** Half precision is single precision here, so that its casts are none. */
function castOfHalf(node: NodeSource): readonly Bound[] | undefined {
  if (!isHalf(node.int('to'))) return undefined;
  const x = node.bound(0);
  return [x.type.dtype === 'float32' ? x : computed(build.cast(x.value(), 'float32'))];
}

/** Whole exponents of float bases. */
function powerOfOtherType(node: NodeSource): readonly Bound[] | undefined {
  const [base, exponent] = [node.bound(0), node.bound(1)];
  if (base.type.dtype === exponent.type.dtype) return undefined;
  return [computed(build.pow(base.value(), build.cast(exponent.value(), base.type.dtype)))];
}

type Binary = (a: Value, b: Value) => Value;

const severalOf = (node: NodeSource, combine: Binary): readonly Bound[] | undefined =>
  node.inputs.length === 2 ? undefined : chain(node, combine);

function chain(node: NodeSource, combine: Binary): readonly [Bound] {
  const all = node.inputs.map((_, index) => node.bound(index));
  const [first, ...others] = all.length === 0 ? [node.bound(0)] : (all as [Bound, ...Bound[]]);
  if (others.length === 0) return [first];
  return [computed(others.reduce((result, other) => combine(result, other.value()), first.value()))];
}

/** log(1 + e^x), for x up to 0. */
const log1pExp = (x: Value): Value => build.log(build.add(build.exp(x), 1));

/** The exponential sees only what is below 0: elsewhere it might overflow, and its gradient become NaN. */
const elu = (x: Value, alpha: number): Value =>
  build.where(build.greater(x, 0), x, build.mul(build.sub(build.exp(build.minimum(x, 0)), 1), alpha));

function gelu(x: Value, approximate: string): Value {
  // x/2 · (1 + erf(x/√2)), or its approximation by tanh
  const inner =
    approximate === 'tanh'
      ? build.tanh(build.mul(build.add(x, build.mul(build.mul(build.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : build.erf(build.mul(x, Math.SQRT1_2));
  return build.mul(build.mul(x, 0.5), build.add(inner, 1));
}

const prelu = (x: Value, slope: Value): Value => build.where(build.greater(x, 0), x, build.mul(x, slope));

const composed =
  (build: (x: Value, node: NodeSource) => Value): Importer =>
  (node) => [computed(build(node.bound(0).value(), node))];

/** Ops that are written as a few of ours, or forms of ours that ONNX allows and our graphs do not have. */
export const composedOps: Readonly<Record<string, Importer>> = {
  Cast: castOfHalf,
  Elu: composed((x, node) => elu(x, node.float('alpha') ?? 1)),
  Gelu: composed((x, node) => gelu(x, node.string('approximate') ?? 'none')),
  GlobalMaxPool: composed((x) => build.reduceMax(x, { axes: x.shape.slice(2).map((_, i) => i + 2), keepdims: true })),
  HardSwish: composed((x) => build.mul(x, build.hardSigmoid(x, 1 / 6, 0.5))),
  Max: (node) => severalOf(node, build.maximum),
  Mean: (node) => [computed(build.div(chain(node, build.add)[0].value(), node.inputs.length))],
  Min: (node) => severalOf(node, build.minimum),
  Pow: powerOfOtherType,
  PRelu: (node) => [computed(prelu(node.bound(0).value(), node.bound(1).value()))],
  Reciprocal: composed((x) => build.div(1, x)),
  Softplus: composed((x) => build.add(build.maximum(x, 0), log1pExp(build.neg(build.abs(x))))),
  Sum: (node) => chain(node, build.add),
};
