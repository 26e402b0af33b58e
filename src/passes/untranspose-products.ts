import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { gemm, matmul } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';
import { transposed } from './transposed.js';

/** From so many elements on, a factor is transposed faster by itself than inside the product. */
const large = 2 ** 18;

/**
 * Products whose transposed left factor is larger than their result, as those that give a convolution's weight gradient:
 * Aᵀ·Bᵀ as (B·A)ᵀ, and Aᵀ·B with a large A transposed beforehand. ONNX Runtime would merge a transposition of two axes
 * into the product again, and so one of three is used.
 */
export const untransposeProducts = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [a, b, c]) => {
    if (node.op !== 'Gemm' || c !== undefined) return undefined;
    const { alpha, transA, transB } = node.attributes as GemmAttributes;
    const result = sizeOf(node.outputs[0]!.shape);
    if (!transA || result >= sizeOf(a!.shape)) return undefined;
    if (transB) return alpha === 1 && result < sizeOf(b!.shape) ? [transposed(matmul(b!, a!))] : undefined;
    return sizeOf(a!.shape) < large ? undefined : [gemm(transposed(a!), b!, undefined, { alpha })];
  });
