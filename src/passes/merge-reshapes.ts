import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { reshape } from '../ops/build.js';
import { sameShape } from '../tensor/shape.js';

/** Ops that keep the elements and their order. */
const reshapes = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** A row of reshapes as one, and none where the shape is what it was. */
export const mergeReshapes = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [x]) => {
    if (!reshapes.has(node.op)) return undefined;
    const { shape } = node.outputs[0]!;
    const from = reshapedFrom(x!);
    if (sameShape(from.shape, shape)) return [from];
    return from === x && node.op === 'Reshape' ? undefined : [reshape(from, shape)];
  });

function reshapedFrom(value: Value): Value {
  let from = value;
  while (from.source.kind === 'node' && reshapes.has(from.source.node.op)) from = from.source.node.inputs[0]!;
  return from;
}
