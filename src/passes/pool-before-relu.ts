import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { relu } from '../ops/build.js';
import { nodeOf } from './readers.js';

/**
 * MaxPool(Relu(x)) as Relu(MaxPool(x)): the same values and gradients, on a tensor that is smaller by the window.
 * (A window without a positive element gives 0 and gets no gradient either way.)
 */
export const poolBeforeRelu = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [input], target) => {
    const rectified = node.op === 'MaxPool' ? nodeOf(input!, 'Relu') : undefined;
    if (rectified === undefined) return undefined;
    const [pooled] = target.apply('MaxPool', rectified.inputs, node.attributes);
    return [relu(pooled!)];
  });
