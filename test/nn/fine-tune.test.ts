/** A file that PyTorch exported becomes a part of a network of one's own, is trained, and leaves as a file again. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../src/graph/graph.js';
import { summarise } from '../../src/models/summary.js';
import { Flatten, LogSoftmax, ReLU } from '../../src/nn/activation.js';
import { Linear } from '../../src/nn/linear.js';
import { crossEntropy } from '../../src/nn/loss.js';
import { initialParameters, Module, namedParameters } from '../../src/nn/module.js';
import { OnnxModule } from '../../src/nn/onnx-module.js';
import { AvgPool2d } from '../../src/nn/pool.js';
import { Sequential } from '../../src/nn/sequential.js';
import { Trace } from '../../src/nn/trace.js';
import { readOnnx } from '../../src/onnx/read.js';
import { add, reduceMean, reshape } from '../../src/ops/build.js';
import { adamW, sgd } from '../../src/optim/optimisers.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { stream, uniform } from '../../src/tensor/random.js';
import { type Tensor, type TensorType, tensor, toNumbers } from '../../src/tensor/tensor.js';
import { exportModel } from '../../src/train/export.js';
import { InferenceModel } from '../../src/train/inference.js';
import { TrainingStep } from '../../src/train/step.js';
import { buildStep } from '../../src/train/step-graph.js';
import { runOnce } from '../onnx/same-as-runtime.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { dataFile } from '../support/data.js';

const golden = (name: string): Uint8Array => readFileSync(new URL(`../golden/onnx/${name}.onnx`, import.meta.url));
const runtime = nodeRuntime({ threads: 1 });
const image = [3, 10, 12];

/** Images whose class says which channel is bright. */
function batchOf(count: number, seed: number): { readonly pixels: Tensor; readonly labels: Tensor } {
  const random = stream(seed, 'fine-tune');
  const classes = Array.from({ length: count }, (_, i) => i % 3);
  const values = classes.flatMap((label) =>
    Array.from({ length: 360 }, (_, i) => uniform(random) + (Math.floor(i / 120) === label ? 1 : 0)),
  );
  return { pixels: tensor('float32', [count, ...image], values), labels: tensor('int64', [count], classes) };
}

const float = (...shape: number[]): TensorType => ({ dtype: 'float32', shape });
const copied = (state: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...state].map(([name, t]) => [name, { ...t, data: t.data.slice() }]));

describe('a residual network from PyTorch', () => {
  const encoder = () => new OnnxModule(golden('residual-11'));

  /** Where the classifier's input is, and how it is called. */
  const features = [...encoder().tensors].find(([, { shape }]) => shape.join() === '1,4')![0];

  it.each<[string, () => Module, (name: string) => boolean]>([
    ['with its own head', encoder, (name) => name.startsWith('stem')],
    [
      'cut, with a new head',
      () =>
        new Sequential({
          encoder: new OnnxModule(golden('residual-11'), { outputs: [features] }),
          head: new Linear(4, 3),
        }),
      (name) => name.startsWith('encoder.stem') || name === 'encoder.block.0.bias',
    ],
  ])('%s: the loss falls, what is frozen stays, and the file gives what training gave', async (_, make, frozen) => {
    const model = make();
    const definition = buildStep({
      model,
      inputs: { pixels: float(12, ...image), labels: { dtype: 'int64', shape: [12] } },
      loss: (network, { pixels, labels }, trace) => ({ loss: crossEntropy(network.call(pixels!, trace), labels!) }),
      optimiser: adamW(),
      frozen,
    });
    const before = initialParameters(model, 1);
    await using step = await TrainingStep.compile(runtime, definition, before, 1);
    const losses: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { loss } = await step.run(i, 0.02, batchOf(12, i));
      losses.push(loss!.data[0] as number);
    }
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!);

    const after = copied(await step.state());
    const names = [...namedParameters(model)];
    expect(after.size).toBeGreaterThanOrEqual(names.length);
    const stayed = names.filter(([name, { trainable }]) => frozen(name) || !trainable);
    expect(stayed.length).toBeGreaterThanOrEqual(6);
    for (const [name] of names) {
      const same = stayed.some(([other]) => other === name);
      expect(Buffer.compare(bytesOf(after.get(name)!), bytesOf(before.get(name)!)) === 0, name).toBe(same);
    }

    const file = exportModel(model, image, after);
    for (const count of [1, 5]) {
      const { pixels } = batchOf(count, 99);
      await using inference = await InferenceModel.compile(runtime, model, pixels);
      const expected = await inference.run(pixels, after);
      const { output } = await runOnce(file, { pixels }, { output: true });
      expectClose(output!, { ...expected, data: toNumbers(expected) }, float32Tolerance, `a batch of ${count}`);
    }
    // and is a file to go on with
    const again = new OnnxModule(file);
    expect(again.inputs).toEqual(['pixels']);
    expect([...namedParameters(again).keys()].toSorted()).toEqual(names.map(([name]) => name).toSorted());
    expect(initialParameters(again, 2)).toEqual(
      new Map([...namedParameters(again).keys()].map((name) => [name, after.get(name)])),
    );
  });

  it('brings the values of its file, under its names, and statistics that no optimiser changes', () => {
    const model = new Sequential({ encoder: encoder() });
    const { parameters, buffers } = readOnnx(golden('residual-11'));
    const expected = new Map([...parameters].map(([name, t]) => [`encoder.${name}`, t]));
    expect(initialParameters(model, 1)).toEqual(expected);
    for (const [name, { trainable }] of namedParameters(model)) expect(trainable).toBe(!buffers.has(name.slice(8)));
  });

  it('is used twice in one network with the same parameters', () => {
    class Twice extends Module {
      readonly encoder = encoder();

      protected forward(x: Value, trace: Trace): Value {
        return add(this.encoder.call(x, trace), this.encoder.call(x, trace));
      }
    }
    const model = new Twice();
    const trace = new Trace(model, true);
    model.call(trace.graph.input('x', float(2, ...image)), trace);
    expect(trace.parameters.size).toBe(namedParameters(model).size);
  });

  it('is summarised as one layer, with its multiplications', () => {
    const model = new Sequential({ encoder: encoder(), head: new Linear(5, 3) });
    const { layers, parameters } = summarise(model, { name: 'x', title: 'x', image });
    expect(layers.map(({ name, output }) => [name, output])).toEqual([
      ['encoder', '[5]'],
      ['head', '[3]'],
    ]);
    expect(layers[0]!.multiplyAdds).toBeGreaterThan(1000);
    expect(parameters).toBe(layers[0]!.parameters + 18);
  });

  it('gives any of its tensors', () => {
    const { tensors } = encoder();
    expect(tensors.get('pixels')).toEqual(float(1, ...image));
    const some = [...tensors.keys()].filter((name) => !namedParameters(encoder()).has(name)).slice(1, 4);
    const module = new OnnxModule(golden('residual-11'), { outputs: some });
    expect(module.outputs).toEqual(some);
    const trace = new Trace(module, false);
    const all = module.all(trace.graph.input('x', float(2, ...image)), trace);
    expect([...all.keys()]).toEqual(some);
    for (const [name, { shape }] of all) expect(shape).toEqual([2, ...tensors.get(name)!.shape.slice(1)]);
    const other = new Trace(module, false);
    expect(() => module.call(other.graph.input('x', float(2, ...image)), other)).toThrow(
      'OnnxModule: all() gives several outputs (',
    );
  });

  it('refuses what it cannot take, naming itself', () => {
    const model = new Sequential({ encoder: encoder() });
    const call = (dtype: TensorType['dtype'], ...shape: number[]) => {
      const trace = new Trace(model, false);
      return model.call(trace.graph.input('x', { dtype, shape }), trace);
    };
    expect(() => call('float32', 2, 1, 10, 12)).toThrow(
      /^OnnxModule "encoder": .*input has 1 channels, weight expects 3/,
    );
    expect(() => call('float32', 2, 3)).toThrow(
      'OnnxModule "encoder": input "pixels" has 4 axes, the shape [2,3] has 2',
    );
    expect(() => call('int64', 2, ...image)).toThrow(
      'input "pixels" is float32[2,3,10,12], its binding int64[2,3,10,12]',
    );
    expect(() => new OnnxModule(golden('residual-11'), { outputs: ['absent'] })).toThrow('no tensor "absent"');
    expect(() => new OnnxModule(new Uint8Array(9))).toThrow('ONNX');
  });
});

it('a transformer of whole numbers is trained at lengths of its own', async () => {
  class Classifier extends Module {
    readonly encoder = new OnnxModule(golden('attention-13'), { dimensions: { length: 3 } });
    readonly head = new Linear(8, 2);

    protected forward(ids: Value, trace: Trace): Value {
      return this.head.call(reduceMean(this.encoder.call({ ids }, trace), { axes: [1] }), trace);
    }
  }
  const model = new Classifier();
  const ids = tensor('int64', [2, 5], [0, 1, 2, 3, 4, 10, 9, 8, 7, 6]);
  const labels = tensor('int64', [2], [0, 1]);
  const definition = buildStep({
    model,
    inputs: { ids, labels },
    loss: (network, inputs, trace) => ({ loss: crossEntropy(network.call(inputs['ids']!, trace), inputs['labels']!) }),
    optimiser: sgd({ momentum: 0.9 }),
  });
  await using step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1);
  const losses: number[] = [];
  for (let i = 0; i < 15; i++) losses.push((await step.run(i, 0.05, { ids, labels }))['loss']!.data[0] as number);
  expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
  const trace = new Trace(model, false);
  const x = trace.graph.input('ids', ids);
  expect(() => model.encoder.all({ words: x }, trace)).toThrow('inputs "ids" are expected, "words" came');
});

const squeezenet = dataFile('encoders', 'squeezenet1.1.onnx');

it.skipIf(squeezenet === undefined)(
  'SqueezeNet learns two images, on images of another size (skipped where encoders/squeezenet1.1.onnx is absent)',
  async () => {
    const encoder = new OnnxModule(readFileSync(squeezenet!));
    const model = new Sequential({ encoder, head: new Linear(1000, 2) });
    const pixels = tensor(
      'float32',
      [2, 3, 48, 64],
      Float32Array.from({ length: 18432 }, (_, i) => Math.sin(i * 0.37)),
    );
    const labels = tensor('int64', [2], [1, 0]);
    const definition = buildStep({
      model,
      inputs: { pixels, labels },
      loss: (network, inputs, trace) => ({
        loss: crossEntropy(network.call(inputs['pixels']!, trace), inputs['labels']!),
      }),
      optimiser: adamW(),
      frozen: (name) => name.startsWith('encoder.') && !name.endsWith('bias'),
    });
    await using step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1);
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) losses.push((await step.run(i, 1e-3, { pixels, labels }))['loss']!.data[0] as number);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]!);
    const { output } = await runOnce(exportModel(model, [3, 48, 64], await step.state()), { pixels }, { output: true });
    expect(output!.shape).toEqual([2, 2]);
  },
);

it('is not exported with parameters of another shape', () => {
  const model = new Linear(2, 3);
  const bias = tensor('float32', [1], [0]);
  expect(() => exportModel(model, [2], new Map([...initialParameters(model, 1), ['bias', bias]]))).toThrow(
    'the model\'s parameter "bias" is float32[3], float32[1] is given',
  );
});

describe('a free batch size', () => {
  const exported = (layers: Readonly<Record<string, Module>>, shape: readonly number[]): Graph => {
    const model = new Sequential(layers);
    const file = exportModel(model, shape, initialParameters(model, 1));
    return readOnnx(file, { inputs: { pixels: [4, ...shape] } }).graph;
  };
  const layer = (forward: (x: Value) => Value): Module =>
    new (class extends Module {
      protected forward(x: Value): Value {
        return forward(x);
      }
    })();

  it('goes through reshapes', () => {
    const rows = layer((x) => reshape(x, [x.shape[0]!, 12]));
    const apart = layer((x) => reshape(x, [x.shape[0]! * 2, 3]));
    const graph = exported(
      { pool: new AvgPool2d(1), rows, head: new Linear(12, 6), relu: new ReLU(), apart },
      [3, 2, 2],
    );
    expect(graph.outputs.get('output')!.shape).toEqual([8, 3]);
    expect(exported({ flatten: new Flatten(), end: new LogSoftmax() }, [3]).outputs.get('output')!.shape).toEqual([
      4, 3,
    ]);
  });

  it('is refused where the graph depends on it', () => {
    const square = layer((x) => reshape(x, [x.shape[0]!, x.shape[0]!, 6 / x.shape[0]!]));
    expect(() => exported({ square }, [6])).toThrow('Reshape "square" depends on the batch size');
    const constant = layer((x) =>
      add(x, x.graph.constant(tensor('float32', [x.shape[0]!, 1], Array(x.shape[0]!).fill(1)))),
    );
    expect(() => exported({ constant }, [6])).toThrow('Add "constant" depends on the batch size');
  });

  it('needs every parameter', () => {
    const model = new Linear(2, 2);
    const parameters = initialParameters(model, 1);
    parameters.delete('bias');
    expect(() => exportModel(model, [2], parameters)).toThrow('the model\'s parameter "bias" is not among those given');
  });
});

const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
