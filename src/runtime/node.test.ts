import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { Graph } from '../graph/graph.js';
import { ModelProtoSchema } from '../onnx/generated/onnx_pb.js';
import { writeOnnx } from '../onnx/write.js';
import { gather, neg, sqrt } from '../ops/build.js';
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

it('copies nothing that it has written into a given tensor', async () => {
  const session = await nodeRuntime({ threads: 1 }).compile(negation());
  expect(session.outputNames).toEqual(['y']);
  const x = tensor('float32', [size], new Float32Array(size).fill(3));
  const y = zeros(x);
  await session.run({ x }, { y });
  const before = process.memoryUsage().arrayBuffers;
  await session.run({ x }, { y });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  await session.release();
});

it('gives what is wanted in new memory and what is not in one run', async () => {
  const graph = new Graph(ops);
  const input = graph.input('x', { dtype: 'float32', shape: [3] });
  graph.output('negative', neg(input));
  graph.output('root', sqrt(input));
  const session = await nodeRuntime({ threads: 1 }).compile(writeOnnx(graph));
  const x = tensor('float32', [3], [1, 4, 9]);
  const root = zeros(x);
  const { negative } = await session.run({ x }, { negative: true, root });
  expect(negative!.data).toEqual(new Float32Array([-1, -4, -9]));
  expect(root.data).toEqual(new Float32Array([1, 2, 3]));
  await session.release();
});

it('throws what goes wrong in a run, wherever its results are wanted', async () => {
  const graph = new Graph(ops);
  const table = graph.input('table', { dtype: 'float32', shape: [2] });
  graph.output('picked', gather(table, graph.input('at', { dtype: 'int64', shape: [1] }), 0));
  const session = await nodeRuntime({ threads: 1 }).compile(writeOnnx(graph));
  const feeds = { table: tensor('float32', [2], [1, 2]), at: tensor('int64', [1], new BigInt64Array([7n])) };
  const picked = zeros({ dtype: 'float32', shape: [1] });
  await expect(session.run(feeds, { picked })).rejects.toThrow(/indices element out of data bounds/);
  await expect(session.run(feeds, { picked: true })).rejects.toThrow(/indices element out of data bounds/);
  await session.release();
});

it('computes models of opsets that have no sequences', async () => {
  const model = fromBinary(ModelProtoSchema, negation());
  model.opsetImport = model.opsetImport.filter(({ domain }) => domain === '');
  model.opsetImport[0]!.version = 7n;
  const session = await nodeRuntime({ threads: 1 }).compile(toBinary(ModelProtoSchema, model));
  expect(session.outputNames).toEqual(['y']);
  const x = tensor('float32', [size], new Float32Array(size).fill(3));
  const y = zeros(x);
  await session.run({ x }, { y });
  expect(y.data[size - 1]).toBe(-3);
  await session.release();
});

it('names an output that is not there, and is released once', async () => {
  const session = await nodeRuntime({ threads: 1 }).compile(negation());
  const x = tensor('float32', [size], new Float32Array(size));
  await expect(session.run({ x }, { z: true })).rejects.toThrow('the model has no output "z", only y');
  await session.release();
  await session.release();
  await expect(session.run({ x }, { y: true })).rejects.toThrow('the session was released');
});

it.each([0, -1, 1.5, Number.NaN])('%s threads are refused', (threads) => {
  expect(() => nodeRuntime({ threads })).toThrow(`threads: a whole number from 1 is expected, ${threads} came`);
});

it('writes an output that is an input where it is wanted', async () => {
  const graph = new Graph(ops);
  const given = graph.input('x', { dtype: 'float32', shape: [2] });
  graph.output('x', given);
  graph.output('y', neg(given));
  const session = await nodeRuntime({ threads: 1 }).compile(writeOnnx(graph));
  const x = tensor('float32', [2], [1, 2]);
  const wanted = { x: zeros(x), y: zeros(x) };
  await session.run({ x }, wanted);
  expect(wanted.x.data).toEqual(Float32Array.of(1, 2));
  expect(wanted.y.data).toEqual(Float32Array.of(-1, -2));
  await session.release();
});
