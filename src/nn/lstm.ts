import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { add, concat, constant, gemm, mul, reshape, split, transpose } from '../ops/build.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { zeros } from '../tensor/tensor.js';
import { uniformFanIn } from './init.js';
import { advance, type LSTMState } from './lstm-cell.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface LSTMOptions {
  /** Layers, each fed with the output of the one before; 1 by default. */
  readonly numLayers?: number;
  /** True by default. */
  readonly bias?: boolean;
  /** Sequences are [N, T, …] and not [T, N, …]; false by default. */
  readonly batchFirst?: boolean;
  /** Probability of a zero in the output of every layer but the last, in [0, 1). */
  readonly dropout?: number;
  /** Also reads backwards; the output then has both halves. */
  readonly bidirectional?: boolean;
}

export interface LSTMInput {
  /** [T, N, inputSize], or [N, T, inputSize] when batchFirst. */
  readonly input: Value;
  /** Two of [numLayers · directions, N, hiddenSize]; zeros when left out. */
  readonly state?: LSTMState;
}

export interface LSTMOutput {
  /** The last layer's hidden states: [T, N, directions · hiddenSize], or [N, T, …] when batchFirst. */
  readonly output: Value;
  /** After the last word, by layer and direction: two of [numLayers · directions, N, hiddenSize]. */
  readonly state: LSTMState;
}

/**
 * A long short-term memory over whole sequences (PyTorch's `torch.nn.LSTM`), written down step by step; the products with
 * the inputs are one for all steps. Parameters have PyTorch's names, `weight_ih_l0` … `bias_hh_l1_reverse`, its order of
 * gates (i, f, g, o) and its first values, uniform in ±1/√hiddenSize.
 */
export class LSTM extends Module<LSTMInput, LSTMOutput> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly #numLayers: number;
  readonly #batchFirst: boolean;
  readonly #dropout: number;
  readonly #directions: readonly string[];
  readonly #parameters = new Map<string, Parameter>();

  /**
   * @throws UsageError when there is no layer, or dropout is not in [0, 1); LegendaError when a size is not a whole number
   *   from 0; `call` throws one when a shape is another
   */
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    if (!Number.isInteger(numLayers) || numLayers < 1)
      throw new UsageError(`LSTM: a whole number of layers from 1 is expected, ${numLayers} came`);
    if (!(dropout >= 0 && dropout < 1)) throw new UsageError(`LSTM: a dropout in [0, 1) is expected, ${dropout} came`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.#numLayers = numLayers;
    this.#batchFirst = batchFirst;
    this.#dropout = dropout;
    this.#directions = bidirectional ? ['', '_reverse'] : [''];
    for (let layer = 0; layer < numLayers; layer++) {
      const width = layer === 0 ? inputSize : hiddenSize * this.#directions.length;
      for (const direction of this.#directions) {
        const add = (name: string, ...shape: number[]) =>
          this.#parameters.set(`${name}_l${layer}${direction}`, new Parameter(shape, uniformFanIn(hiddenSize)));
        add('weight_ih', 4 * hiddenSize, width);
        add('weight_hh', 4 * hiddenSize, hiddenSize);
        if (!bias) continue;
        add('bias_ih', 4 * hiddenSize);
        add('bias_hh', 4 * hiddenSize);
      }
    }
  }

  protected forward({ input, state }: LSTMInput, trace: Trace): LSTMOutput {
    const timeFirst = [1, 0, 2];
    let x = this.#checked(input, trace);
    if (this.#batchFirst) x = transpose(x, timeFirst); // (T, N, inputSize)
    const [hiddens, cells] = this.#firstStates(x, state, trace);
    const last: [Value[], Value[]] = [[], []];
    for (let layer = 0; layer < this.#numLayers; layer++) {
      if (layer > 0 && trace.training && this.#dropout > 0) x = mul(x, trace.mask(x.shape, 1 - this.#dropout));
      const outputs = this.#directions.map((direction, d) => {
        const place = layer * this.#directions.length + d;
        const first: LSTMState = [hiddens[place]!, cells[place]!];
        const { output, state: end } = this.#run(x, first, `_l${layer}${direction}`, direction !== '', trace);
        last[0].push(end[0]);
        last[1].push(end[1]);
        return output;
      });
      x = concat(outputs, 2);
    }
    const stacked = (values: readonly Value[]) =>
      concat(
        values.map((value) => reshape(value, [1, ...value.shape])),
        0,
      );
    return {
      output: this.#batchFirst ? transpose(x, timeFirst) : x,
      state: [stacked(last[0]), stacked(last[1])],
    };
  }

  #checked(input: Value, trace: Trace): Value {
    if (input.shape.length === 3 && input.shape[2] === this.inputSize && !input.shape.slice(0, 2).includes(0))
      return input;
    const expected = `[${this.#batchFirst ? 'N, T' : 'T, N'}, ${this.inputSize}]`;
    throw trace.error(`${expected} is expected, the input is ${formatShape(input.shape)}`);
  }

  /** One [N, hiddenSize] for each layer and direction. */
  #firstStates(x: Value, state: LSTMState | undefined, trace: Trace): readonly [readonly Value[], readonly Value[]] {
    const rows = this.#numLayers * this.#directions.length;
    const shape = [x.shape[1]!, this.hiddenSize];
    if (state === undefined) {
      const zero = Array<Value>(rows).fill(constant(x, zeros({ dtype: x.dtype, shape })));
      return [zero, zero];
    }
    const each = (value: Value): Value[] => {
      if (!sameShape(value.shape, [rows, ...shape])) {
        throw trace.error(`a state of ${formatShape([rows, ...shape])} is expected, it is ${formatShape(value.shape)}`);
      }
      return split(value, Array<number>(rows).fill(1), 0).map((row) => reshape(row, shape));
    };
    return [each(state[0]), each(state[1])];
  }

  /** One layer in one direction: x [T, N, width] → [T, N, hiddenSize], in the order of the input. */
  #run(x: Value, first: LSTMState, suffix: string, backwards: boolean, trace: Trace): LSTMOutput {
    const own = (name: string): Value | undefined => {
      const parameter = this.#parameters.get(name + suffix);
      return parameter && trace.parameter(parameter);
    };
    const [length, count, width] = x.shape as [number, number, number];
    const [ih, hh] = [own('bias_ih'), own('bias_hh')];
    const bias = ih && hh && add(ih, hh);
    const projected = gemm(reshape(x, [length * count, width]), own('weight_ih')!, bias, { transB: true });
    const steps = split(projected, Array<number>(length).fill(count), 0); // T of (N, 4·hiddenSize)
    const outputs: Value[] = [];
    let state = first;
    for (const step of backwards ? [...steps].reverse() : steps) {
      state = advance(step, state, own('weight_hh')!);
      outputs.push(reshape(state[0], [1, count, this.hiddenSize]));
    }
    return { output: concat(backwards ? outputs.reverse() : outputs, 0), state };
  }

  override children(): [string, unknown][] {
    return [...this.#parameters];
  }

  override formula(): string {
    const wide = this.hiddenSize * this.#directions.length;
    const biases = this.#parameters.has('bias_ih_l0') ? ' + 2' : '';
    const ways = this.#directions.length > 1 ? `${this.#directions.length}·` : '';
    return Array.from({ length: this.#numLayers }, (_, layer) => {
      return `${ways}4·${this.hiddenSize}·(${layer === 0 ? this.inputSize : wide} + ${this.hiddenSize}${biases})`;
    }).join(' + ');
  }
}
