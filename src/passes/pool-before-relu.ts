import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { relu } from '../ops/build.js';

/**
 * MaxPool(Relu(x)) as Relu(MaxPool(x)): the same values and gradients, on a tensor that is smaller by the window.
 * (A window without a positive element gives 0 and gets no gradient either way.)
 */
export const poolBeforeRelu = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [input], target) => {
    if (node.op !== 'MaxPool' || input?.source.kind !== 'node' || input.source.node.op !== 'Relu') return undefined;
    const [pooled] = target.apply('MaxPool', input.source.node.inputs, node.attributes);
    return [relu(pooled!)];
  });
