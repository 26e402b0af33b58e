/** Forms of window geometry that only imported files have: `auto_pad` and `ceil_mode` become plain pads. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOnnx } from '../../src/onnx/read.js';
import { interpret } from '../../src/ops/interpret.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { stream } from '../../src/tensor/random.js';
import { tensor } from '../../src/tensor/tensor.js';
import { drawUniform } from '../oracle/draw.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { type AttributeValue, onnxModel, onnxNode, tensorProto, valueInfo } from '../support/onnx-model.js';

const runtime = nodeRuntime({ threads: 1 });

const axis = fc.record({
  size: fc.integer({ min: 4, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  begin: fc.nat(1),
  end: fc.nat(1),
});

it.each([
  ['Conv', 'SAME_UPPER'],
  ['Conv', 'SAME_LOWER'],
  ['Conv', 'VALID'],
  ['MaxPool', 'SAME_UPPER'],
  ['MaxPool', 'SAME_LOWER'],
  ['MaxPool', 'VALID'],
  ['MaxPool', 'ceil_mode'],
  ['AveragePool', 'SAME_UPPER'],
  ['AveragePool', 'SAME_LOWER'],
  ['AveragePool', 'ceil_mode'],
] as const)('%s with %s is read as the runtime runs it', async (op, form) => {
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 2 }), async (axes) => {
      const kernel = axes.map((a) => a.kernel);
      const shape = [1, 2, ...axes.map((a) => a.size)];
      const pads = [
        ...axes.map((a) => Math.min(a.begin, a.kernel - 1)),
        ...axes.map((a) => Math.min(a.end, a.kernel - 1)),
      ];
      const attributes: Record<string, AttributeValue> = {
        kernel_shape: { ints: kernel },
        // ONNX Runtime 1.30 finds negative pads for SAME windows that are smaller than their stride
        strides: { ints: axes.map((a) => Math.min(a.stride, a.kernel)) },
        ...(form === 'ceil_mode' ? { ceil_mode: { int: 1 }, pads: { ints: pads } } : { auto_pad: { string: form } }),
      };
      const x = drawUniform(stream(4, op, form), shape);
      const weight = drawUniform(stream(5, op, form), [2, 2, ...kernel]);
      const model = onnxModel({
        name: 'one window',
        node: [onnxNode(op === 'Conv' ? 'Conv: x, w -> y' : `${op}: x -> y`, attributes)],
        initializer: op === 'Conv' ? [tensorProto('w', 'float32', weight.shape, [...weight.data])] : [],
        input: [valueInfo('x', 'float32', shape)],
        output: [
          valueInfo(
            'y',
            'float32',
            shape.map(() => undefined),
          ),
        ],
      });
      const session = await runtime.compile(model);
      const { y } = await session.run({ x: tensor('float32', shape, [...x.data]) }, { y: true });
      await session.release();
      const expected = interpret(readOnnx(model).graph, { x, w: weight })['y']!;
      expectClose(y!, { dtype: 'float32', ...expected }, float32Tolerance);
    }),
    { seed: 20, numRuns: 40 },
  );
});

it('AveragePool that counts pads is not read with ceil_mode: runtimes disagree on what the last window covers', () => {
  const attributes = { kernel_shape: { ints: [2] }, ceil_mode: { int: 1 }, count_include_pad: { int: 1 } };
  const model = onnxModel({
    name: 'one window',
    node: [onnxNode('AveragePool: x -> y', attributes)],
    input: [valueInfo('x', 'float32', [1, 1, 3])],
    output: [valueInfo('y', 'float32', [1, 1, 2])],
  });
  expect(() => readOnnx(model)).toThrow('count_include_pad = 1 together with ceil_mode = 1 is not supported');
});
