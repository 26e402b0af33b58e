import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, mul, reduceSum, reshape } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import type { ReduceAttributes } from '../ops/reduce.js';
import { normaliseAxes, sizeOf } from '../tensor/shape.js';

/** A value as base ∘ scale. */
interface Scaled {
  /** Its last axis may have size 1. */
  readonly base: Value;
  /** By element of the last axis, [C]. */
  readonly scale: Value;
}

/**
 * Multiplies by a row of numbers after sums in place of before. The gradient of a layer with one output is an outer product,
 * d·vᵀ, as large as the layer's input: masked, summed over rows and over steps it is v times the same sums of the masked d
 * (additive attention: v comes once after all words).
 */
export function delayScales(graph: Graph): Graph {
  const known = new Map<Value, Scaled>();
  const rows = new Map<Value, Value>();
  const asRow = (vector: Value): Value => {
    const row = rows.get(vector) ?? reshape(vector, [sizeOf(vector.shape)]);
    rows.set(vector, row);
    return row;
  };
  return rewriteGraph(graph, (node, inputs) => {
    const [a, b] = inputs as [Value, Value | undefined];
    const [left, right] = [known.get(a), b && known.get(b)];
    const scaled = ((): Scaled | undefined => {
      const last = node.outputs[0]!.shape.at(-1);
      const scale = (left ?? right)?.scale;
      if (node.op === 'Gemm')
        return inputs.length === 2 ? outerProduct(a, b!, node.attributes as GemmAttributes, asRow) : undefined;
      if (scale === undefined || last !== scale.shape[0]) return undefined;
      if (node.op === 'Reshape') return reshaped(left!, node.outputs[0]!.shape);
      if (node.op === 'Mul' && (left === undefined || right === undefined))
        return { scale, base: mul(left?.base ?? a, right?.base ?? b!) };
      if (node.op === 'Add' && left?.scale === right?.scale && node.outputs[0]!.shape.length > 1)
        return { scale, base: add(left!.base, right!.base) };
      if (node.op === 'ReduceSum') return summed(left!, a, node.attributes as ReduceAttributes);
      return undefined;
    })();
    if (scaled === undefined) return undefined;
    const value = mul(scaled.base, scaled.scale);
    known.set(value, scaled);
    return [value];
  });
}

function outerProduct(
  a: Value,
  b: Value,
  { alpha, transA, transB }: GemmAttributes,
  asRow: (vector: Value) => Value,
): Scaled | undefined {
  const inner = a.shape[transA ? 0 : 1];
  const [rows, columns] = [sizeOf(a.shape), sizeOf(b.shape)];
  if (inner !== 1 || alpha !== 1 || rows === 1 || columns === 1 || (transB && b.shape[1] !== 1)) return undefined;
  return { base: reshape(a, [rows, 1]), scale: asRow(b) };
}

/** The leading axes in another form. */
function reshaped({ base, scale }: Scaled, shape: readonly number[]): Scaled | undefined {
  return { scale, base: reshape(base, [...shape.slice(0, -1), base.shape.at(-1)!]) };
}

function summed({ base, scale }: Scaled, x: Value, { axes, keepdims }: ReduceAttributes): Scaled | undefined {
  const rank = x.shape.length;
  const over = normaliseAxes(axes, rank);
  if (over.includes(rank - 1)) return undefined;
  return { scale, base: reduceSum(base, { axes: over, keepdims }) };
}
