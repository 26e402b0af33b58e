/**
 * Pretrained encoders that the data folder brings: read, cut, and differentiated as they are. Skipped where they are
 * absent: set LEGENDA_DATA to a folder that has `encoders/`.
 */
import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import { Graph, type Value } from '../../src/graph/graph.js';
import { inlineGraph } from '../../src/graph/inline.js';
import { type ModelProto, ModelProtoSchema, ValueInfoProtoSchema } from '../../src/onnx/generated/onnx_pb.js';
import { type OnnxModel, readOnnx } from '../../src/onnx/read.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { mul, reduceSum } from '../../src/ops/build.js';
import { ops } from '../../src/ops/table.js';
import { stream, uniform } from '../../src/tensor/random.js';
import { type Shape, sizeOf } from '../../src/tensor/shape.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { dataFile } from '../support/data.js';
import { valueInfo } from '../support/onnx-model.js';
import { expectSameAsRuntime, runOnce } from './same-as-runtime.js';

interface Encoder {
  readonly name: string;
  readonly output: string;
  readonly shape: Shape;
  readonly parameters: number;
  /** A tensor half way, and its shape. */
  readonly cut: readonly [string, Shape];
  /** Parameters to differentiate in: early, in the middle, late. */
  readonly trained: readonly string[];
}

const encoders: readonly Encoder[] = [
  {
    name: 'mobilenetv2-features',
    output: 'features',
    shape: [1, 1280, 7, 7],
    parameters: 2_206_816,
    cut: ['v16', [1, 24, 56, 56]],
    trained: ['features.0.weight', 'features.0.bias'],
  },
  {
    name: 'resnet18-layer3',
    output: 'features',
    shape: [1, 256, 14, 14],
    parameters: 2_780_544,
    cut: ['v7', [1, 64, 56, 56]],
    trained: ['conv1.weight', 'conv1.bias'],
  },
  {
    name: 'squeezenet1.1',
    output: 'logits',
    shape: [1, 1000],
    parameters: 1_235_496,
    cut: ['v10', [1, 128, 55, 55]],
    trained: ['conv0.weight', 'conv0.bias'],
  },
];

/** Results of some dozens of layers, relative to their own size and to the largest: both sum in orders of their own. */
const tolerance = { relative: 1e-4, absolute: 1e-4 };

describe.each(encoders)('$name', ({ name, output, shape, parameters, cut, trained }) => {
  const file = dataFile('encoders', `${name}.onnx`);
  const why = `(skipped where encoders/${name}.onnx is absent)`;
  const bytes = file === undefined ? new Uint8Array() : readFileSync(file);

  it.skipIf(file === undefined)(`gives what the original gives ${why}`, async () => {
    const model = await expectSameAsRuntime(bytes, {}, { pixels: image() }, tolerance);
    expect(model.inputs).toEqual(['pixels']);
    expect(model.graph.outputs.get(output)!.shape).toEqual(shape);
    expect([...model.parameters.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(parameters);
    expect(model.axisNames['pixels']).toEqual(['batch', undefined, undefined, undefined]);
    expect(model.axisNames[output]![0]).toBe('batch');
  });

  it.skipIf(file === undefined)(`is cut at any tensor, for any batch ${why}`, async () => {
    const model = await expectSameAsRuntime(
      edited(bytes, ({ graph }) =>
        graph!.output.push(create(ValueInfoProtoSchema, valueInfo(cut[0], 'float32', cut[1]))),
      ),
      { outputs: [cut[0]], dimensions: { batch: 1 } },
      { pixels: image() },
      tolerance,
    );
    expect(model.graph.outputs.get(cut[0])!.shape).toEqual(cut[1]);
    expect(model.parameters.size).toBeLessThan(readOnnx(bytes).parameters.size / 2);
    const { graph } = readOnnx(bytes, { outputs: [cut[0]], dimensions: { batch: 2 } });
    expect(graph.outputs.get(cut[0])!.shape).toEqual([2, ...cut[1].slice(1)]);
  });

  it.skipIf(file === undefined)(`has the gradients that finite differences of the original give ${why}`, async () => {
    const model = readOnnx(bytes);
    const weight = weights(sizeOf(shape));
    const found = await parameterGradients(model, output, weight, trained);
    for (const parameter of trained) {
      const { data } = found[`d/${parameter}`]!;
      const gradient = Float64Array.from(data as Float32Array);
      const random = stream(3, name, parameter);
      const noise = gradient.map(() => uniform(random) - 0.5);
      // a direction in which the loss changes, and a random one
      const direction = gradient.map((g, i) => g / norm(gradient) + noise[i]! / norm(noise));
      const values = model.parameters.get(parameter)!.data as Float32Array;
      const step = 1e-4 * norm(Float64Array.from(values));
      const at = async (moved: number): Promise<number> => {
        const shifted = values.map((value, i) => value + moved * direction[i]!);
        const { [output]: features } = await runOnce(
          edited(bytes, ({ graph }) => {
            graph!.initializer.find((tensor) => tensor.name === parameter)!.rawData = new Uint8Array(shifted.buffer);
          }),
          { pixels: image() },
          { [output]: true },
        );
        return dot(Float64Array.from(features!.data as Float32Array), weight);
      };
      const expected = ((await at(step)) - (await at(-step))) / (2 * step);
      const came = dot(gradient, direction);
      // the network has kinks, and the original only single precision: smaller and larger steps are further off
      expect(Math.abs(came / expected - 1)).toBeLessThan(0.02);
    }
  });
});

/** Normalised as the encoders expect it, from a seed. */
function image(): Tensor {
  const random = stream(1, 'encoders');
  const shape = [1, 3, 224, 224];
  // large soft spots and some noise, within what normalised photographs have
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => {
    const [x, y, channel] = [i % 224, Math.floor(i / 224) % 224, Math.floor(i / 224 ** 2)];
    return 1.5 * Math.sin(x / 17 + channel) * Math.cos(y / 23 - channel) + uniform(random) - 0.5;
  });
  return tensor('float32', shape, values);
}

const weights = (count: number): Float64Array => {
  const random = stream(2, 'encoders');
  return Float64Array.from({ length: count }, () => Math.fround((2 * uniform(random) - 0.5) / count));
};

/** Of Σ weights ∘ output in some parameters: the encoder stands in a graph of its own, as when it is fine-tuned. */
async function parameterGradients(
  { graph: encoder, parameters }: OnnxModel,
  output: string,
  weight: Float64Array,
  wrt: readonly string[],
): Promise<Record<string, Tensor>> {
  const graph = new Graph(ops);
  const bindings = new Map<string, Value>();
  for (const value of encoder.inputs) {
    if (value.source.kind !== 'input') continue;
    bindings.set(value.source.name, graph.input(`encoder/${value.source.name}`, value));
  }
  const features = inlineGraph(encoder, graph, bindings, 'encoder').get(output)!;
  const loss = reduceSum(mul(features, graph.constant(tensor('float32', features.shape, [...weight]))));
  gradients(
    loss,
    wrt.map((name) => bindings.get(name)!),
  ).forEach((gradient, i) => {
    graph.output(`d/${wrt[i]!}`, gradient);
  });
  const feeds = Object.fromEntries([...parameters].map(([name, value]) => [`encoder/${name}`, value]));
  return runOnce(
    writeOnnx(graph),
    { ...feeds, 'encoder/pixels': image() },
    Object.fromEntries(wrt.map((name) => [`d/${name}`, true])),
  );
}

function edited(bytes: Uint8Array, edit: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  edit(model);
  return toBinary(ModelProtoSchema, model);
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
