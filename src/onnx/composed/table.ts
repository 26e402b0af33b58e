import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import type { ConvTransposeAttributes } from '../../ops/conv.js';
import { opOf } from '../../ops/table.js';
import { type Bound, computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';
import { isHalf } from '../read-tensor.js';
import { activations } from './activations.js';
import { composed, optional } from './composed.js';
import { einsum } from './einsum.js';
import { indexing } from './indexing.js';
import { normalisations } from './normalisations.js';
import { recurrentLayers } from './recurrent.js';
import { reductions } from './reductions.js';

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

/** With a bias of each channel. */
function biasedConvTranspose(node: NodeSource): readonly Bound[] | undefined {
  const bias = optional(node, 2);
  if (bias === undefined) return undefined;
  const attributes = opOf('ConvTranspose').read(node).attributes as ConvTransposeAttributes;
  const y = build.convTranspose(node.bound(0).value(), node.bound(1).value(), attributes);
  return [computed(build.add(y, build.reshape(bias, [bias.shape[0]!, ...y.shape.slice(2).map(() => 1)])))];
}

/** The form of Resize until opset 9; its scales are never below 1. */
function upsample(node: NodeSource): readonly Bound[] {
  const x = node.bound(0).value();
  const scales = node.floats('scales') ?? node.constant(1);
  const mode = node.string('mode') ?? 'nearest';
  if (mode !== 'nearest' && mode !== 'linear') throw new LegendaError(`mode "${mode}" is not supported`);
  if (scales?.length !== x.shape.length || scales.some((scale) => !(scale >= 1)))
    throw new LegendaError(`scales [${scales ?? ''}] do not fit ${x.shape.length} axes, or are below 1`);
  const sizes = x.shape.map((size, axis) => Math.floor(Math.fround(size * Math.fround(scales[axis]!))));
  return [computed(build.resize(x, sizes, { mode, coordinates: 'asymmetric', nearest: 'floor', scales }))];
}

/** Ops that are written as a few of ours, or forms of ours that ONNX allows and our graphs do not have. */
export const composedOps: Readonly<Record<string, Importer>> = {
  ...activations,
  ...indexing,
  ...normalisations,
  ...recurrentLayers,
  ...reductions,
  Cast: castOfHalf,
  ConvTranspose: biasedConvTranspose,
  Einsum: einsum,
  GlobalMaxPool: composed((x) => build.reduceMax(x, { axes: x.shape.slice(2).map((_, i) => i + 2), keepdims: true })),
  Max: (node) => severalOf(node, build.maximum),
  Mean: (node) => [computed(build.div(chain(node, build.add)[0].value(), node.inputs.length))],
  Min: (node) => severalOf(node, build.minimum),
  Pow: powerOfOtherType,
  Sum: (node) => chain(node, build.add),
  Upsample: upsample,
  Xor: composed((a, node) => build.not(build.equal(a, node.bound(1).value()))),
};
