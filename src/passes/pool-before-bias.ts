import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, reshape } from '../ops/build.js';
import { nodeOf, readersOf } from './readers.js';

/**
 * MaxPool(Conv(x, w, b)) as MaxPool(Conv(x, w)) + b, on a tensor that is smaller by the window: the same values, because adding
 * keeps the order. (Where rounding makes neighbours equal, another of them may get the gradient.) A convolution as a product
 * writes its bias everywhere before it multiplies; a convolution that something else reads too stays as it is.
 */
export function poolBeforeBias(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewriteGraph(graph, (node, [input], target) => {
    const conv = node.op === 'MaxPool' ? nodeOf(input!, 'Conv') : undefined;
    if (conv === undefined) return undefined;
    const { inputs, attributes, scope } = conv;
    const [x, w, bias] = inputs;
    if (bias === undefined || readers(node.inputs[0]!) !== 1) return undefined;
    const ofConv = <T>(emit: () => T): T => target.scoped(scope, emit, true);
    const [convolved] = ofConv(() => target.apply('Conv', [x!, w!], attributes));
    const [pooled] = target.apply('MaxPool', [convolved!], node.attributes);
    const ones = new Array<number>(pooled!.shape.length - 2).fill(1);
    return [ofConv(() => add(pooled!, reshape(bias, [1, bias.shape[0]!, ...ones])))];
  });
}
