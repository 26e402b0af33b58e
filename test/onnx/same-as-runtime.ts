import { expect } from 'vitest';
import { type OnnxModel, type ReadOptions, readOnnx } from '../../src/onnx/read.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { stream, uniform } from '../../src/tensor/random.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { type Tensor, type TensorType, tensor, toNumbers } from '../../src/tensor/tensor.js';
import type { Tolerance } from '../oracle/closeness.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';

const runtime = nodeRuntime({ threads: 1 });

/**
 * Runs a file as it is, and as it is read and written again, on the same inputs: all outputs must be the same.
 *
 * @param feeds inputs that are not to be random in [-2, 2)
 * @returns what was read
 */
export async function expectSameAsRuntime(
  file: Uint8Array,
  options: ReadOptions = {},
  feeds: Readonly<Record<string, Tensor>> = {},
  tolerance: Tolerance = float32Tolerance,
): Promise<OnnxModel> {
  const model = readOnnx(file, options);
  const random = stream(1, 'same as runtime');
  const fed: Record<string, Tensor> = {};
  for (const value of model.graph.inputs) {
    const name = value.source.kind === 'input' ? value.source.name : '';
    if (model.inputs.includes(name)) fed[name] = feeds[name] ?? drawn(value, () => 4 * uniform(random) - 2);
  }
  const fetches = Object.fromEntries([...model.graph.outputs.keys()].map((name) => [name, true as const]));
  const expected = await runOnce(file, fed, fetches);
  const actual = await runOnce(writeOnnx(model.graph, { initialisers: model.parameters }), fed, fetches);
  expect(Object.keys(actual).length).toBeGreaterThan(0);
  for (const [name, { dtype, shape, ...values }] of Object.entries(expected)) {
    expectClose(actual[name]!, { dtype, shape, data: toNumbers({ dtype, shape, ...values }) }, tolerance, name);
  }
  return model;
}

export async function runOnce(
  file: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  fetches: Readonly<Record<string, true>>,
): Promise<Record<string, Tensor>> {
  const session = await runtime.compile(file);
  try {
    return await session.run(feeds, fetches);
  } finally {
    await session.release();
  }
}

const drawn = ({ dtype, shape }: TensorType, draw: () => number): Tensor =>
  tensor(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, () => (dtype.startsWith('float') ? draw() : 0)),
  );
