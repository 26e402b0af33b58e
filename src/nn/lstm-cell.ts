import type { Value } from '../graph/graph.js';
import { add, gemm, mul, sigmoid, split, tanh } from '../ops/build.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { uniformFanIn } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

/** Hidden and cell state of a recurrent layer. */
export type LSTMState = readonly [hidden: Value, cell: Value];

/** What a step multiplies with. */
export interface LSTMWeights {
  /** By part of the input, [4·hiddenSize, size of the part]. */
  readonly inputs: readonly Value[];
  /** [4·hiddenSize, hiddenSize] */
  readonly hidden: Value;
  /** The sum of both biases, [4·hiddenSize]. */
  readonly bias: Value | undefined;
}

/**
 * One step of a long short-term memory (PyTorch's `torch.nn.LSTMCell`; Hochreiter and Schmidhuber, 1997):
 * input [N, inputSize], state two of [N, hiddenSize] → the next state.
 *
 * i, f, g, o = the quarters of x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh, through σ, σ, tanh, σ; c' = f∘c + i∘g; h' = o∘tanh(c').
 *
 * `weight_ih` [4·hiddenSize, inputSize], `weight_hh` [4·hiddenSize, hiddenSize], `bias_ih` and `bias_hh` [4·hiddenSize], all
 * uniform in ±1/√hiddenSize at first.
 */
export class LSTMCell extends Module<{ readonly input: Value; readonly state: LSTMState }, LSTMState> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | undefined;
  readonly bias_hh: Parameter | undefined;

  /**
   * @param options.bias false leaves both biases out
   * @throws LegendaError when a size is not a whole number from 0; `call` does when a shape is another
   */
  constructor(inputSize: number, hiddenSize: number, options: { readonly bias?: boolean } = {}) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const parameter = (...shape: number[]) => new Parameter(shape, uniformFanIn(hiddenSize));
    const hasBias = options.bias !== false;
    this.weight_ih = parameter(4 * hiddenSize, inputSize);
    this.weight_hh = parameter(4 * hiddenSize, hiddenSize);
    this.bias_ih = hasBias ? parameter(4 * hiddenSize) : undefined;
    this.bias_hh = hasBias ? parameter(4 * hiddenSize) : undefined;
  }

  /**
   * The weights of a step, for computing it in parts: gates = Σ x_part·W_partᵀ + bias + h·W_hhᵀ, through `advance`.
   * @param parts sizes of the parts of the input, which make up `inputSize`
   */
  weights(parts: readonly number[], trace: Trace): LSTMWeights {
    return trace.enter(this, () => ({
      inputs: parts.length === 1 ? [trace.parameter(this.weight_ih)] : split(trace.parameter(this.weight_ih), parts, 1),
      hidden: trace.parameter(this.weight_hh),
      bias: this.bias_ih && this.bias_hh && add(trace.parameter(this.bias_ih), trace.parameter(this.bias_hh)),
    }));
  }

  protected forward({ input, state }: { input: Value; state: LSTMState }, trace: Trace): LSTMState {
    if (input.shape.length !== 2 || input.shape[1] !== this.inputSize) {
      throw trace.error(`[N, ${this.inputSize}] is expected, the input is ${formatShape(input.shape)}`);
    }
    const expected = [input.shape[0]!, this.hiddenSize];
    for (const { shape } of state) {
      if (!sameShape(shape, expected))
        throw trace.error(`a state of ${formatShape(expected)} is expected, it is ${formatShape(shape)}`);
    }
    const { inputs, hidden, bias } = this.weights([this.inputSize], trace);
    return advance(gemm(input, inputs[0]!, bias, { transB: true }), state, hidden);
  }

  override formula(): string {
    const biases = this.bias_ih ? ' + 2' : '';
    return `4·${this.hiddenSize}·(${this.inputSize} + ${this.hiddenSize}${biases})`;
  }
}

/**
 * The recurrent half of a step.
 * @param projected x·W_ihᵀ with both biases, [N, 4·hiddenSize]
 * @param weightHh [4·hiddenSize, hiddenSize]
 */
export function advance(projected: Value, [hidden, cell]: LSTMState, weightHh: Value): LSTMState {
  const gates = gemm(hidden, weightHh, projected, { transB: true });
  const size = cell.shape[1]!;
  const [i, f, g, o] = split(gates, [size, size, size, size], 1) as [Value, Value, Value, Value]; // each (N, hiddenSize)
  const next = add(mul(sigmoid(f), cell), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
}
