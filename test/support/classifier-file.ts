import { Graph } from '../../src/graph/graph.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { add, conv, flatten, gemm, globalAveragePool, relu } from '../../src/ops/build.js';
import { ops } from '../../src/ops/table.js';
import { tensor } from '../../src/tensor/tensor.js';

/**
 * A classifier of three classes for images of 8×8, as an ONNX file: convolution, relu, global pooling, linear layer.
 * @param pools whether there is the pooling
 */
export function classifierFile(pools = true): Uint8Array {
  const graph = new Graph(ops);
  const images = graph.input('images', { dtype: 'float32', shape: [1, 3, 8, 8] });
  const values = (...shape: number[]) =>
    tensor(
      'float32',
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    );
  const kernels = graph.input('kernels', { dtype: 'float32', shape: [5, 3, 2, 2] });
  const weights = graph.input('weights', { dtype: 'float32', shape: [3, pools ? 5 : 80] });
  const map = relu(
    conv(images, kernels, undefined, { strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 }),
  );
  const pooled = flatten(pools ? globalAveragePool(map) : add(map, 0));
  graph.output('scores', gemm(pooled, weights, undefined, { transB: true }));
  const initialisers = new Map([
    ['kernels', values(5, 3, 2, 2)],
    ['weights', values(3, pools ? 5 : 80)],
  ]);
  return writeOnnx(graph, { initialisers });
}
