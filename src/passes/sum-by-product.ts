import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { constant, matmul, reshape } from '../ops/build.js';
import type { ReduceAttributes } from '../ops/reduce.js';
import { normaliseAxes, sizeOf } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';

/**
 * A sum or mean over the leading axes as a product with a row of equal numbers: ONNX Runtime's matrix product reads memory once and in
 * order, where its column sums are several times slower (bench: bias gradient of a convolution, 6272×16: 19 µs against
 * 32 µs on one thread and 180 µs on two).
 */
export const sumByProduct = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [x]) => {
    if ((node.op !== 'ReduceSum' && node.op !== 'ReduceMean') || x!.dtype !== 'float32') return undefined;
    const { axes } = node.attributes as ReduceAttributes;
    const summed = normaliseAxes(axes, x!.shape.length);
    const leading = summed.length > 0 && summed.length < x!.shape.length && summed.every((axis, i) => axis === i);
    if (!leading || x!.shape.includes(0)) return undefined;
    const rows = sizeOf(x!.shape.slice(0, summed.length));
    const columns = sizeOf(x!.shape.slice(summed.length));
    if (rows < 4) return undefined;
    const weights = new Float32Array(rows).fill(node.op === 'ReduceSum' ? 1 : 1 / rows);
    return [
      reshape(
        matmul(constant(x!, tensor('float32', [1, rows], weights)), reshape(x!, [rows, columns])),
        node.outputs[0]!.shape,
      ),
    ];
  });
