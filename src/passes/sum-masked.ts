import type { Graph, Node, Value } from '../graph/graph.js';
import { neededNodes, rewriteGraph } from '../graph/rewrite.js';
import { add, cast, greater, mul, reduceSum, reshape } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sameShape } from '../tensor/shape.js';
import { nodeOf, usersOf } from './readers.js';

/** Weights' gradient as Σ wide ∘ masked + Σ narrow, both over all axes but the last. */
interface Parts {
  readonly wide: Value;
  readonly masked: Value;
  readonly narrow: Value;
}

/** d of a product dᵀ·relu(wide + narrow). */
interface Term {
  readonly d: Value;
  readonly rectified: Value;
  readonly wide: Value;
  readonly narrow: Value;
}

/**
 * The gradient of weights v in relu(wide + narrow)·v, the sum of d ∘ relu(…) over rows, as sums of wide ∘ m and narrow ∘ m where m is d
 * ∘ [wide + narrow > 0]. The gradients of wide and narrow need m and its sums anyway. Where the same wide is added to several
 * (additive attention: the regions, to the query of each word), the sum of their m comes once; and what was rectified need not be
 * kept for it. Where wide and narrow are much larger than their sums, and cancel, it rounds more.
 */
export function sumMasked(graph: Graph): Graph {
  const terms = termsOf(graph);
  const known = new Map<Value, Parts>();
  return rewriteGraph(graph, (node, inputs, _target, map) => {
    const term = terms.get(node);
    const parts = term
      ? partsOf(term, map)
      : node.op === 'Add'
        ? sumOf(inputs.map((input) => known.get(input)))
        : undefined;
    if (parts === undefined) return undefined;
    const leading = parts.wide.shape.slice(1).map((_, axis) => axis);
    const sums = [mul(parts.wide, parts.masked), parts.narrow].map((x) =>
      reduceSum(x, { axes: leading, keepdims: false }),
    );
    const value = reshape(add(sums[0]!, sums[1]!), node.outputs[0]!.shape);
    known.set(value, parts);
    return [value];
  });
}

function partsOf(term: Term, map: (value: Value) => Value): Parts {
  const [wide, narrow] = [map(term.wide), map(term.narrow)];
  const rows = wide.shape.slice(0, -1);
  const mask = cast(greater(map(term.rectified), 0), wide.dtype);
  const masked = mul(reshape(map(term.d), [...rows, 1]), mask);
  const axes = [...rows.keys()].filter((axis) => narrow.shape[axis] !== wide.shape[axis]);
  return { wide, masked, narrow: mul(narrow, reduceSum(masked, { axes, keepdims: true })) };
}

function sumOf([left, right]: readonly (Parts | undefined)[]): Parts | undefined {
  if (left === undefined || right === undefined || left.wide !== right.wide) return undefined;
  if (!sameShape(left.narrow.shape, right.narrow.shape)) return undefined;
  return { wide: left.wide, masked: add(left.masked, right.masked), narrow: add(left.narrow, right.narrow) };
}

/** Products that can be computed so, where several share what is wide. */
function termsOf(graph: Graph): ReadonlyMap<Node, Term> {
  const users = usersOf(graph);
  const isMasked = (x: Value): boolean => users.get(x)?.some(({ op }) => op === 'Greater') ?? false;
  const terms = new Map<Node, Term>();
  const uses = new Map<Value, number>();
  for (const node of neededNodes(graph)) {
    const term = termOf(node);
    if (term === undefined || !isMasked(term.rectified)) continue;
    terms.set(node, term);
    uses.set(term.wide, (uses.get(term.wide) ?? 0) + 1);
  }
  return new Map([...terms].filter(([, { wide }]) => uses.get(wide)! > 1));
}

function termOf({ op, attributes, inputs: [d, x, c] }: Node): Term | undefined {
  if (op !== 'Gemm' || c !== undefined || d!.shape[1] !== 1) return undefined;
  const { alpha, transA, transB } = attributes as GemmAttributes;
  if (alpha !== 1 || !transA || transB) return undefined;
  const rectified = beforeReshapes(x!);
  const sum = nodeOf(rectified, 'Relu')?.inputs[0];
  const summands = sum && nodeOf(sum, 'Add')?.inputs;
  if (summands === undefined || sum!.shape.at(-1) !== x!.shape[1]) return undefined;
  const [wide, narrow] = sameShape(summands[0]!.shape, sum!.shape) ? summands : [...summands].reverse();
  const isWider = wide!.shape.length === narrow!.shape.length && !sameShape(wide!.shape, narrow!.shape);
  return isWider && sameShape(wide!.shape, sum!.shape) ? { d: d!, rectified, wide: wide!, narrow: narrow! } : undefined;
}

const beforeReshapes = (value: Value): Value => {
  const reshaped = nodeOf(value, 'Reshape');
  return reshaped === undefined ? value : beforeReshapes(reshaped.inputs[0]!);
};
