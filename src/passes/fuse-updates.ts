import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { gemm, mul } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';

/**
 * p - A·B, or p - rate·(A·B), as one Gemm with C = p: the step of plain gradient descent inside the product that gives the
 * gradient, so that the weights are read and written once. A rate is multiplied into the smaller factor.
 */
export const fuseUpdates = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [p, step]) => {
    if (node.op !== 'Sub') return undefined;
    const scaled = step && nodeOf(step, 'Mul');
    const [rate, given] = scaled?.inputs ?? [];
    const isScaled = rate?.shape.length === 0 && given !== undefined;
    const product = isScaled ? given : step!;
    const found = nodeOf(product, 'Gemm');
    if (found?.inputs.length !== 2 || p!.shape.join() !== product.shape.join()) return undefined;
    const { alpha, transA, transB } = found.attributes as GemmAttributes;
    const [a, b] = found.inputs as [Value, Value];
    const [left, right] = isScaled ? scaleSmaller(rate, a, b) : [a, b];
    return [gemm(left, right, p, { alpha: -alpha, transA, transB })];
  });

const nodeOf = ({ source }: Value, op: string): Node | undefined =>
  source.kind === 'node' && source.node.op === op ? source.node : undefined;

const scaleSmaller = (rate: Value, a: Value, b: Value): [Value, Value] =>
  sizeOf(a.shape) <= sizeOf(b.shape) ? [mul(rate, a), b] : [a, mul(rate, b)];
