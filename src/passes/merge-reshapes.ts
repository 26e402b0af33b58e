import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { concat, reshape } from '../ops/build.js';
import type { ConcatAttributes } from '../ops/concat.js';
import { normaliseAxis, sameShape, sizeOf } from '../tensor/shape.js';

/** Ops that keep the elements and their order. */
const reshapes = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** A row of reshapes as one, and none where the shape is what it was; one after a Concat instead of one before each part. */
export const mergeReshapes = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs) => {
    if (node.op === 'Concat') return appended(node, inputs);
    if (!reshapes.has(node.op)) return undefined;
    const [x] = inputs as [Value];
    const { shape } = node.outputs[0]!;
    const from = reshapedFrom(x);
    if (sameShape(from.shape, shape)) return [from];
    return from === x && node.op === 'Reshape' ? undefined : [reshape(from, shape)];
  });

/** Parts that lie one after the other in the result's memory, put together in the shape that they had before. */
function appended({ attributes, outputs: [result] }: Node, inputs: readonly Value[]): readonly Value[] | undefined {
  const { shape } = result!;
  const axis = normaliseAxis((attributes as ConcatAttributes).axis, shape.length);
  const parts = inputs.map(reshapedFrom);
  const [first] = parts as [Value];
  const isSame = parts.every((part, i) => part !== inputs[i] && sameShape(part.shape, first.shape));
  if (!isSame || first.shape.length === 0 || sizeOf(shape.slice(0, axis)) !== 1) return undefined;
  const leading = first.shape.findIndex((size) => size !== 1);
  return [reshape(concat(parts, Math.max(leading, 0)), shape)];
}

function reshapedFrom(value: Value): Value {
  let from = value;
  while (from.source.kind === 'node' && reshapes.has(from.source.node.op)) from = from.source.node.inputs[0]!;
  return from;
}
