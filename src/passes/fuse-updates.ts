import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { gemm, mul } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sameShape, sizeOf } from '../tensor/shape.js';
import { nodeOf, readersOf } from './readers.js';

/**
 * p - A·B, or p - rate·(A·B), as one Gemm with C = p: the step of plain gradient descent inside the product that gives the
 * gradient, so that the weights are read and written once. A rate is multiplied into the smaller factor. A product that something
 * else reads too stays as it is.
 */
export function fuseUpdates(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewriteGraph(graph, ({ op, inputs: [, step], outputs: [next] }, [p], _, map) => {
    if (op !== 'Sub') return undefined;
    const scaled = nodeOf(step!, 'Mul');
    const rate = scaled?.inputs[0];
    const isScaled = scaled !== undefined && rate?.shape.length === 0;
    const product = isScaled ? scaled.inputs[1]! : step!;
    const found = nodeOf(product, 'Gemm');
    if (found?.inputs.length !== 2 || [step!, product].some((value) => readers(value) !== 1)) return undefined;
    if (!sameShape(p!.shape, product.shape) || !sameShape(next!.shape, product.shape)) return undefined;
    const { alpha, transA, transB } = found.attributes as GemmAttributes;
    const [a, b] = found.inputs.map(map) as [Value, Value];
    const [left, right] = isScaled ? scaleSmaller(map(rate!), a, b) : [a, b];
    return [gemm(left, right, p, { alpha: -alpha, transA, transB })];
  });
}

const scaleSmaller = (rate: Value, a: Value, b: Value): [Value, Value] =>
  sizeOf(a.shape) <= sizeOf(b.shape) ? [mul(rate, a), b] : [a, mul(rate, b)];
