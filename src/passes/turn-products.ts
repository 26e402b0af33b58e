import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { gemm, reshape } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';
import { transposed } from './transposed.js';

/** Rows up to which packing the right factor takes longer than turning the result. */
const fewRows = 64;
const largeFactor = 2 ** 18;

/**
 * x·Wᵀ + b with few rows x and large weights W as (W·xᵀ + b)ᵀ: ONNX Runtime packs the right factor of a product, and reads the
 * left one as it is. `npm run bench -- --passes` prints what that gives. Weights that are constant are packed once, when a session
 * is made, and stay as they are.
 */
export const turnProducts = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [x, w, b]) => {
    if (node.op !== 'Gemm' || !isTurned(node.attributes as GemmAttributes, x!, w!)) return undefined;
    const [, columns] = node.outputs[0]!.shape as [number, number];
    if (b !== undefined && (sizeOf(b.shape) !== columns || b.shape.at(-1) !== columns)) return undefined;
    const { alpha, beta } = node.attributes as GemmAttributes;
    return [transposed(gemm(w!, x!, b && reshape(b, [columns, 1]), { alpha, beta, transB: true }))];
  });

function isTurned({ transA, transB }: GemmAttributes, x: Value, w: Value): boolean {
  const [rows] = x.shape as [number, number];
  const isFit = !transA && transB === true && rows > 1 && rows <= fewRows;
  return isFit && sizeOf(w.shape) >= largeFactor && w.source.kind !== 'constant';
}
