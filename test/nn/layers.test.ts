/** Layers against PyTorch's: one training step with rate 1 tells the gradients, and runs all that real training runs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { Captioner } from '../../src/models/captioner.js';
import { CaptionerAttention } from '../../src/models/captioner-attention.js';
import { Flatten, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Tanh } from '../../src/nn/activation.js';
import { BatchNorm2d } from '../../src/nn/batch-norm2d.js';
import { Conv2d } from '../../src/nn/conv2d.js';
import { Embedding } from '../../src/nn/embedding.js';
import { LayerNorm } from '../../src/nn/layer-norm.js';
import { Linear } from '../../src/nn/linear.js';
import { LSTM } from '../../src/nn/lstm.js';
import { LSTMCell, type LSTMState } from '../../src/nn/lstm-cell.js';
import { Module, namedParameters } from '../../src/nn/module.js';
import { MultiheadSelfAttention } from '../../src/nn/multihead-self-attention.js';
import { filled, Parameter } from '../../src/nn/parameter.js';
import { AvgPool2d, MaxPool2d } from '../../src/nn/pool.js';
import { Sequential } from '../../src/nn/sequential.js';
import type { Trace } from '../../src/nn/trace.js';
import { add, concat, constant, mul, reduceSum, reshape, split } from '../../src/ops/build.js';
import { sgd } from '../../src/optim/optimisers.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import type { DType } from '../../src/tensor/dtype.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { InferenceModel } from '../../src/train/inference.js';
import { TrainingStep } from '../../src/train/step.js';
import { buildStep } from '../../src/train/step-graph.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';

interface Packed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Golden {
  readonly layer: keyof typeof layers;
  readonly name: string;
  readonly arguments: readonly never[];
  readonly parameters: Readonly<Record<string, Packed>>;
  readonly input: Packed;
  readonly weights: Packed;
  readonly output: Packed;
  /** By parameter, and of the `input` where that is a float. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly buffers: Readonly<Record<string, Packed>>;
  readonly evaluated?: Packed;
}

class Block extends Module {
  readonly conv = new Conv2d(3, 3, 3, { padding: 1, bias: false });
  readonly norm = new BatchNorm2d(3);
  readonly relu = new ReLU();

  protected forward(x: Value, trace: Trace): Value {
    return add(x, this.relu.call(this.norm.call(this.conv.call(x, trace), trace), trace));
  }
}

class Composed extends Module {
  readonly blocks = [new Block(), new Block()];
  readonly scale = new Parameter([3, 1, 1], filled(1));
  readonly head = new Sequential([new AvgPool2d(2), new Flatten(), new Linear(12, 4), new LogSoftmax()]);

  protected forward(x: Value, trace: Trace): Value {
    let h = x;
    for (const block of this.blocks) h = block.call(h, trace);
    return this.head.call(mul(h, trace.parameter(this.scale)), trace);
  }
}

/** As in the generator: options have PyTorch's names. */
interface WholeOptions {
  readonly bias?: boolean;
  readonly num_layers?: number;
  readonly batch_first?: boolean;
  readonly bidirectional?: boolean;
}

/** All that an LSTM gives, as rows of its hidden size. */
class WholeLSTM extends Module {
  readonly lstm: LSTM;
  readonly state: Parameter | undefined;

  constructor(state: boolean, inputSize: number, hiddenSize: number, options: WholeOptions = {}) {
    super();
    const { bias = true, num_layers: numLayers = 1, batch_first: batchFirst = false, bidirectional = false } = options;
    this.lstm = new LSTM(inputSize, hiddenSize, { bias, numLayers, batchFirst, bidirectional });
    const rows = numLayers * (bidirectional ? 2 : 1);
    this.state = state ? new Parameter([2, rows, 2, hiddenSize], filled(0)) : undefined;
  }

  protected forward(input: Value, trace: Trace): Value {
    const first = this.state && halves(trace.parameter(this.state));
    const { output, state } = this.lstm.call({ input, ...(first && { state: first }) }, trace);
    return concat(
      [output, ...state].map((part) =>
        reshape(part, [part.shape.reduce((a, b) => a * b) / this.lstm.hiddenSize, this.lstm.hiddenSize]),
      ),
      0,
    );
  }
}

/** A cell that is used twice; the input has both steps' inputs. */
class TwoSteps extends Module {
  readonly cell: LSTMCell;
  readonly state: Parameter;

  constructor(inputSize: number, hiddenSize: number, options: { readonly bias?: boolean } = {}) {
    super();
    this.cell = new LSTMCell(inputSize, hiddenSize, options);
    this.state = new Parameter([2, 3, hiddenSize], filled(0));
  }

  protected forward(x: Value, trace: Trace): Value {
    let state = halves(trace.parameter(this.state));
    for (const input of halves(x)) state = this.cell.call({ input, state }, trace);
    return concat(state, 0);
  }
}

/** As in the generator. */
class SelfAttention extends Module {
  readonly attention: MultiheadSelfAttention;

  constructor(
    embedding: number,
    heads: number,
    causal: boolean | AttentionKeywords = false,
    keywords: AttentionKeywords = {},
  ) {
    super();
    const { bias = true, batch_first: batchFirst = false } = typeof causal === 'boolean' ? keywords : causal;
    this.attention = new MultiheadSelfAttention(embedding, heads, { bias, batchFirst, causal: causal === true });
  }

  protected forward(x: Value, trace: Trace): Value {
    const { output, weights } = this.attention.call(x, trace);
    return concat(
      [output, weights].map((part) => reshape(part, [part.shape.reduce((a, b) => a * b)])),
      0,
    );
  }
}

interface AttentionKeywords {
  readonly bias?: boolean;
  readonly batch_first?: boolean;
}

/** As in the generator. */
class Decoder extends Module {
  readonly #words: readonly (readonly number[])[];
  readonly decoder: Captioner | CaptionerAttention;

  constructor(
    words: readonly (readonly number[])[],
    vocabulary: number,
    features: number,
    embedding: number,
    hidden: number,
    attention?: number,
  ) {
    super();
    this.#words = words;
    const options = { vocabulary, features, embedding, hidden, dropout: 0 };
    this.decoder = attention ? new CaptionerAttention({ ...options, attention }) : new Captioner(options);
  }

  protected forward(features: Value, trace: Trace): Value {
    const batchSizes = this.#words.map(({ length }) => length);
    const packed = this.#words.flat();
    const words = constant(features, tensor('int64', [packed.length], packed));
    return this.decoder.call({ features, batchSizes, words }, trace).scores;
  }
}

const halves = (x: Value): LSTMState => {
  const [first, second] = split(x, [1, 1], 0).map((half) => reshape(half, x.shape.slice(1)));
  return [first!, second!];
};

/** By PyTorch's name; what takes no arguments here ignores them. */
const layers = {
  Conv2d,
  Linear,
  MaxPool2d,
  AvgPool2d,
  BatchNorm2d,
  LayerNorm,
  Embedding,
  Flatten,
  ReLU,
  Sigmoid,
  Tanh,
  GELU,
  SiLU,
  LeakyReLU,
  Softmax,
  LogSoftmax,
  Composed,
  WholeLSTM,
  TwoSteps,
  SelfAttention,
  Decoder,
  Sequential: class extends Sequential {
    constructor() {
      super([new Conv2d(1, 2, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(8, 3)]);
    }
  },
};

/** Makes a float input a parameter, so that the step shows its gradient too. */
class Differentiated extends Module {
  readonly layer: Module;
  readonly input: Parameter;

  constructor(layer: Module, input: Packed) {
    super();
    this.layer = layer;
    this.input = new Parameter(input.shape, filled(0));
  }

  protected forward(input: Value, trace: Trace): Value {
    return this.layer.call(input.dtype === 'float32' ? trace.parameter(this.input) : input, trace);
  }
}

const goldens: readonly Golden[] = readFileSync(new URL('../golden/torch/layers.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const runtime = nodeRuntime({ threads: 1 });

const make = ({ layer, arguments: given }: Golden): Module =>
  new (layers[layer] as new (...a: never[]) => Module)(...given);
const unpacked = ({ dtype, shape, values }: Packed): Tensor => tensor(dtype, shape, values);
const expected = ({ dtype, shape, values }: Packed) => ({ dtype, shape, data: Float64Array.from(values) });

describe.each([...new Set(goldens.map(({ layer }) => layer))])('%s', (layer) => {
  it.each(goldens.filter((golden) => golden.layer === layer))('$name', async (golden) => {
    const model = new Differentiated(make(golden), golden.input);
    const { input, weights, output } = golden;
    const before = new Map(
      Object.entries(golden.parameters).map(([name, packed]) => [`layer.${name}`, unpacked(packed)]),
    );
    expect([...namedParameters(model.layer).keys()].toSorted()).toEqual(Object.keys(golden.parameters).toSorted());
    if (input.dtype === 'float32') before.set('input', unpacked(input));

    const definition = buildStep({
      model,
      inputs: { given: input, weights },
      loss: (network, { given, weights: w }, trace) => {
        const y = network.call(given!, trace);
        return { loss: reduceSum(mul(w!, y)), y };
      },
      optimiser: sgd(),
    });
    await using step = await TrainingStep.compile(runtime, definition, before, 1);
    const { y } = await step.run(0, 1, { given: unpacked(input), weights: unpacked(weights) });
    expectClose(y!, expected(output), float32Tolerance, 'the output');

    const seen: string[] = [];
    for (const [key, values] of Object.entries(golden.gradients)) {
      const name = key === 'input' ? 'input' : `layer.${key}`;
      const old = before.get(name)!;
      const moved = (await step.state()).get(name)!;
      const data = (old.data as Float32Array).map((value, i) => value - (moved.data[i] as number));
      expectClose(
        { ...old, data },
        { ...old, data: Float64Array.from(values) },
        float32Tolerance,
        `gradient of ${name}`,
      );
      seen.push(name);
    }
    for (const [name, packed] of Object.entries(golden.buffers)) {
      expectClose((await step.state()).get(`layer.${name}`)!, expected(packed), float32Tolerance, name);
      seen.push(`layer.${name}`);
    }
    expect([...(await step.state()).keys()].toSorted()).toEqual(seen.toSorted());

    await using inference = await InferenceModel.compile(runtime, model.layer, input);
    const parameters = new Map(
      Object.entries({ ...golden.parameters, ...golden.buffers }).map(([k, p]) => [k, unpacked(p)]),
    );
    const evaluated = await inference.run(unpacked(input), parameters);
    expectClose(evaluated, expected(golden.evaluated ?? output), float32Tolerance, 'the output in evaluation');
  });
});

it('covers every layer that has an output of its own', () => {
  expect([...new Set(goldens.map(({ layer }) => layer))].toSorted()).toEqual(Object.keys(layers).toSorted());
});
