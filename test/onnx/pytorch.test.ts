/** Models as PyTorch's exporter writes them (test/golden/onnx): read, run, and differentiated. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import { type Graph, inputName } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { readOnnxFile } from '../../src/models/onnx-file.js';
import { readOnnx } from '../../src/onnx/read.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { constant, mul, reduceSum } from '../../src/ops/build.js';
import { decodeSafetensors } from '../../src/tensor/safetensors.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { tensor, toNumbers } from '../../src/tensor/tensor.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { expectSameAsRuntime, runOnce } from './same-as-runtime.js';

const path = (name: string): string => fileURLToPath(new URL(`../golden/onnx/${name}`, import.meta.url));

const golden = (name: string): Uint8Array => readFileSync(new URL(`../golden/onnx/${name}.onnx`, import.meta.url));

const opsOf = (graph: Graph): string[] => [...new Set(graph.nodes.map(({ op }) => op))].sort();

describe('a residual network', () => {
  const names = ['stem.0.weight', 'stem.1.weight', 'stem.1.bias', 'stem.1.running_mean', 'stem.1.running_var'];

  it.each(['residual-7', 'residual-11'])('%s gives the same for any batch', async (name) => {
    for (const batch of [1, 3]) {
      const model = await expectSameAsRuntime(golden(name), { dimensions: { batch } });
      expect(model.graph.outputs.get('result')!.shape).toEqual([batch, 5]);
    }
  });

  it('keeps its names of layers and parameters; the shape arithmetic is gone', () => {
    const { graph, parameters, buffers } = readOnnx(golden('residual-11'));
    expect([...parameters.keys()].slice(0, 5)).toEqual(names);
    expect(parameters.size).toBe(13);
    expect([...buffers]).toEqual(['stem.1', 'block.1'].flatMap((bn) => [`${bn}.running_mean`, `${bn}.running_var`]));
    expect(graph.nodes.map(({ op, scope }) => (scope === '' ? op : `${op} ${scope}`))).toEqual([
      'Conv stem.0',
      'BatchNormalization stem.1',
      'Relu stem.2',
      'MaxPool pool',
      'Conv block.0',
      'BatchNormalization block.1',
      'Clip block.2',
      'Add',
      'GlobalAveragePool',
      'Reshape',
      'Gemm classifier',
    ]);
  });
});

describe('a transformer', () => {
  it('gives the same for any batch and length', async () => {
    const ids = { '1,3': [4, 0, 10], '2,6': [0, 1, 2, 3, 4, 5, 10, 9, 8, 7, 6, 5], '1,1': [7] };
    for (const [text, values] of Object.entries(ids)) {
      const shape = text.split(',').map(Number);
      const dimensions = { batch: shape[0]!, length: shape[1]! };
      await expectSameAsRuntime(golden('attention-13'), { dimensions }, { ids: tensor('int64', shape, values) });
    }
  });

  it('needs its length', () => {
    expect(() => readOnnx(golden('attention-13'))).toThrow('axis 1 ("length") of input "ids" has no size');
  });
});

describe('a mobile network', () => {
  it('gives the same for any size of image', async () => {
    for (const [height, width] of [
      [10, 12],
      [7, 5],
    ] as const) {
      const model = await expectSameAsRuntime(golden('mobile-17'), { dimensions: { batch: 2, height, width } });
      expect(opsOf(model.graph)).not.toContain('Shape');
    }
  });
});

describe.each(['residual-7', 'residual-11', 'attention-13', 'mobile-17'])('%s', (name) => {
  it('has a gradient in every parameter', () => {
    const dimensions = { 'attention-13': { length: 4 }, 'mobile-17': { height: 8, width: 8 } }[name] ?? {};
    const { graph, parameters } = readOnnx(golden(name), { dimensions });
    const result = graph.outputs.get('result')!;
    const inputs = graph.inputs.filter(({ source }) => source.kind === 'input' && parameters.has(source.name));
    expect(inputs).toHaveLength(parameters.size);
    const found = gradients(reduceSum(mul(result, result)), inputs);
    found.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(inputs[i]!.shape);
      expect(gradient.source.kind).toBe('node');
    });
    verifyGraph(graph);
  });
});

describe.each(['segmenter', 'recurrent'])('%s, as PyTorch 2.15 exports it', (name) => {
  it.each(['torchscript', 'dynamo'])('has the outputs and gradients that PyTorch computes: %s', async (exporter) => {
    const { tensors } = decodeSafetensors(readFileSync(path(`${name}-${exporter}.safetensors`)));
    const { graph, inputs, parameters } = readOnnx(await readOnnxFile(path(`${name}-${exporter}.onnx`)));
    const x = graph.inputs.find((input) => inputs.includes(inputName(input)))!;
    const y = graph.outputs.get('y')!;
    const weights = constant(
      y,
      tensor(
        'float32',
        y.shape,
        Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.sin(i)),
      ),
    );
    graph.output('gradient', gradients(reduceSum(mul(y, weights)), [x])[0]!);
    const results = await runOnce(
      writeOnnx(graph, { initialisers: parameters }),
      { x: tensors.get('x')! },
      { y: true, gradient: true },
    );
    for (const result of ['y', 'gradient']) {
      const { dtype, shape, data } = tensors.get(result)!;
      const expected = { dtype, shape, data: toNumbers({ dtype, shape, data }) };
      expectClose(results[result]!, expected, float32Tolerance, result);
    }
  });
});
