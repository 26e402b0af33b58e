import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { div, mul } from '../ops/build.js';
import { sameShape, sizeOf } from '../tensor/shape.js';

/** A value as factor · base. */
interface Scaled {
  readonly base: Value;
  /** A single number. */
  readonly factor: Value;
}

/**
 * s·(t·x) and (t·x)/s as one multiplication by a number that is computed before, and (t·x)² as t²·x²: an optimiser's corrections
 * and its learning rate pass over the parameters once, and the squares of gradients that are clipped are those of their norm.
 */
export function mergeScalars(graph: Graph): Graph {
  const known = new Map<Value, Scaled>();
  return rewriteGraph(graph, ({ op, outputs: [output] }, [a, b]) => {
    // whole numbers do not divide in any order
    if (sizeOf(output!.shape) === 1 || !output!.dtype.startsWith('float')) return undefined;
    const scaled = op === 'Mul' ? product(a!, b!, known) : op === 'Div' ? quotient(a!, b!, known) : undefined;
    if (scaled === undefined || !sameShape(scaled.base.shape, output!.shape)) return undefined;
    const value = mul(scaled.factor, scaled.base);
    known.set(value, scaled);
    return [value];
  });
}

function product(a: Value, b: Value, known: ReadonlyMap<Value, Scaled>): Scaled | undefined {
  const before = known.get(a);
  if (a === b) return before && { base: mul(before.base, before.base), factor: mul(before.factor, before.factor) };
  if (sizeOf(b.shape) === 1) return { base: before?.base ?? a, factor: before ? mul(before.factor, b) : b };
  return sizeOf(a.shape) === 1 ? product(b, a, known) : undefined;
}

/** Left as it is where there is nothing to merge: a division is more exact than a product with the reciprocal. */
function quotient(a: Value, b: Value, known: ReadonlyMap<Value, Scaled>): Scaled | undefined {
  const before = known.get(a);
  if (sizeOf(b.shape) !== 1 || before === undefined) return undefined;
  return { base: before.base, factor: div(before.factor, b) };
}
