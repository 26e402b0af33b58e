// The machine's ceiling: one product of two 1024×1024 matrices a step.
import { Graph, ops, opTable, tensor, writeOnnx, zeros } from '../../dist/index.js';
import { nodeRuntime } from '../../dist/node.js';
import { serve } from './serve.js';

const type = { dtype: 'float32', shape: [1024, 1024] };
const graph = new Graph(opTable);
graph.output('product', ops.matmul(graph.input('a', type), graph.input('b', type)));
const runtime = nodeRuntime({ threads: Number(process.argv[2]) });
const session = await runtime.compile(writeOnnx(graph));
const matrix = () =>
  tensor(
    'float32',
    type.shape,
    Float32Array.from({ length: 1024 ** 2 }, () => Math.random()),
  );
const feeds = { a: matrix(), b: matrix() };
const fetches = { product: zeros(type) };
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  const { product } = await session.run(feeds, fetches);
  return product.data[0];
});
