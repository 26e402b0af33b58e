import { expect, it } from 'vitest';
import { Graph } from '../graph/graph.js';
import { writeOnnx } from '../onnx/write.js';
import { neg } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { tensor, zeros } from '../tensor/tensor.js';
import { nodeRuntime } from './node.js';

const size = 2 ** 20;

function negation(): Uint8Array {
  const graph = new Graph(ops);
  graph.output('y', neg(graph.input('x', { dtype: 'float32', shape: [size] })));
  return writeOnnx(graph);
}

it('leaves nothing to the garbage collector when results go into given tensors', async () => {
  const session = await nodeRuntime({ threads: 1 }).compile(negation());
  const x = tensor('float32', [size], new Float32Array(size).fill(3));
  const y = zeros(x);
  await session.run({ x }, { y });
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 50; i++) await session.run({ x }, { y });
  // each result is 4 MiB: one of fifty that were kept would show
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 21);
  expect(y.data[size - 1]).toBe(-3);
  await session.release();
});

it('gives new memory where none is given', async () => {
  const session = await nodeRuntime({ threads: 1 }).compile(negation());
  const x = tensor('float32', [size], new Float32Array(size).fill(3));
  const first = (await session.run({ x }, { y: true }))['y']!;
  x.data[0] = 5;
  await session.run({ x }, { y: true });
  expect(first.data[0]).toBe(-3);
  await session.release();
});
