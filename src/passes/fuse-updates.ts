import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { gemm, mul } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';

/**
 * p - rate·(A·B) as one Gemm with C = p: the step of plain gradient descent inside the product that gives the gradient,
 * so that the weights are read and written once. The rate is multiplied into the smaller factor.
 */
export const fuseUpdates = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [p, scaled]) => {
    if (node.op !== 'Sub' || scaled?.source.kind !== 'node' || scaled.source.node.op !== 'Mul') return undefined;
    const [rate, product] = scaled.source.node.inputs as [Value, Value];
    if (rate.shape.length !== 0 || product.source.kind !== 'node' || product.source.node.op !== 'Gemm')
      return undefined;
    const { inputs, attributes } = product.source.node;
    const { alpha, transA, transB } = attributes as GemmAttributes;
    if (inputs.length !== 2 || p!.shape.join() !== product.shape.join()) return undefined;
    const [a, b] = inputs as [Value, Value];
    const [left, right] = sizeOf(a.shape) <= sizeOf(b.shape) ? [mul(rate, a), b] : [a, mul(rate, b)];
    return [gemm(left, right, p, { alpha: -alpha, transA, transB })];
  });
