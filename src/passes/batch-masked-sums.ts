import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, concat, hardSigmoid, matmul, reshape, split } from '../ops/build.js';
import type { HardSigmoidAttributes } from '../ops/hard-sigmoid.js';
import type { ReduceAttributes } from '../ops/reduce.js';
import { sameShape } from '../tensor/shape.js';
import { nodeOf, usersOf } from './readers.js';
import { sumsOf } from './sums.js';

/** HardSigmoid of wide [N, R, C] + narrow [N, 1, C]. */
interface Mask {
  readonly value: Value;
  readonly wide: Value;
  readonly narrow: Value;
  readonly attributes: HardSigmoidAttributes;
}

/** d [N, R, 1] times a mask. */
interface Term {
  readonly d: Value;
  readonly mask: Mask;
}

/** Masks of as many examples as this, 2 MiB in single precision, are made at once: they stay in a core's cache. */
const elementsAtOnce = 2 ** 19;

/** An example whose masks take more is left as it is. */
const mostElements = 2 ** 20;

/**
 * Σₜ dₜ ∘ mₜ, where the masks mₜ are of the same large tensor added to a small one for each t (additive attention: the regions, and
 * the query of each word), as products over t, the masks of a few examples at a time being made again for them all. Each term alone is
 * written, read and added at the size of the large tensor. Sums of dₜ ∘ mₜ over R, which the small ones' gradients are, become
 * products too, and the terms need not be. In WebAssembly, where such products are slow, a step takes longer so.
 */
export function batchMaskedSums(graph: Graph): Graph {
  const users = usersOf(graph);
  const known = new Map<Value, Term>();
  const sums = new Map<Node, readonly Term[]>();
  for (const [last, values] of sumsOf(graph)) {
    const terms = values.map((value) => termOf(value, users.get(value) ?? []));
    if (!areAlike(terms)) continue;
    sums.set(last, terms);
    values.forEach((value, i) => {
      known.set(value, terms[i]!);
    });
  }
  return rewriteGraph(graph, (node, _inputs, _target, map) => {
    const terms = sums.get(node);
    if (terms !== undefined) return [sumOf(terms, map)];
    const term = node.op === 'ReduceSum' ? known.get(node.inputs[0]!) : undefined;
    return term && [overRegions(term, map)];
  });
}

function termOf({ source }: Value, users: readonly Node[]): Term | undefined {
  if (source.kind !== 'node' || source.node.op !== 'Mul' || !users.every(isSumOf)) return undefined;
  const [a, b] = source.node.inputs as [Value, Value];
  const [d, value] = a.shape.at(-1) === 1 ? [a, b] : [b, a];
  const mask = maskOf(value);
  if (mask === undefined) return undefined;
  const [examples, regions, channels] = mask.wide.shape as [number, number, number];
  const fits = sameShape(d.shape, [examples, regions, 1]) && sameShape(mask.narrow.shape, [examples, 1, channels]);
  return fits && regions > 1 && channels > 1 ? { d, mask } : undefined;
}

/** Additions are those of the sum; other sums are over regions. */
const isSumOf = ({ op, attributes }: Node): boolean => {
  if (op !== 'ReduceSum') return op === 'Add';
  const { axes, keepdims } = attributes as ReduceAttributes;
  return keepdims === true && axes?.length === 1 && axes[0] === 1;
};

function maskOf(value: Value): Mask | undefined {
  const made = nodeOf(value, 'HardSigmoid');
  const summands = made && nodeOf(made.inputs[0]!, 'Add')?.inputs;
  if (summands === undefined || value.shape.length !== 3) return undefined;
  const [a, b] = summands as [Value, Value];
  const [wide, narrow] = sameShape(a.shape, value.shape) ? [a, b] : [b, a];
  if (!sameShape(wide.shape, value.shape)) return undefined;
  return { value, wide, narrow, attributes: made!.attributes as HardSigmoidAttributes };
}

/** Whether there are several terms, all with the same large tensor, whose masks are made in the same way and are not too large. */
function areAlike(terms: readonly (Term | undefined)[]): terms is readonly Term[] {
  const [first] = terms;
  if (first === undefined || terms.length < 2) return false;
  const [, regions, channels] = first.mask.wide.shape as [number, number, number];
  const isAlike = ({ wide, attributes: { alpha, beta } }: Mask): boolean =>
    wide === first.mask.wide && alpha === first.mask.attributes.alpha && beta === first.mask.attributes.beta;
  return (
    terms.length * regions * channels <= mostElements && terms.every((term) => term !== undefined && isAlike(term.mask))
  );
}

function sumOf(terms: readonly Term[], map: (value: Value) => Value): Value {
  const { wide, attributes } = terms[0]!.mask;
  const [examples, regions, channels] = wide.shape as [number, number, number];
  const count = terms.length;
  const size = Math.max(1, Math.floor(elementsAtOnce / (count * regions * channels)));
  const sizes = Array.from({ length: Math.ceil(examples / size) }, (_, i) => Math.min(size, examples - i * size));
  const parted = (value: Value, shape: readonly number[]): readonly Value[] => {
    const whole = reshape(value, shape);
    return sizes.length === 1 ? [whole] : split(whole, sizes, 0);
  };
  const large = parted(map(wide), [examples, regions, 1, channels]);
  const small = parted(
    concat(
      terms.map(({ mask }) => map(mask.narrow)),
      1,
    ),
    [examples, 1, count, channels],
  );
  const factors = parted(
    concat(
      terms.map(({ d }) => map(d)),
      2,
    ),
    [examples, regions, 1, count],
  );
  const { alpha, beta } = attributes;
  const products = large.map((part, i) => matmul(factors[i]!, hardSigmoid(add(small[i]!, part), alpha, beta)));
  return reshape(concat(products, 0), wide.shape);
}

/** Σ over regions of d ∘ mask, [N, 1, C]. */
function overRegions({ d, mask }: Term, map: (value: Value) => Value): Value {
  const [examples, regions] = d.shape as [number, number];
  return matmul(reshape(map(d), [examples, 1, regions]), map(mask.value));
}
