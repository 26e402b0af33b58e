import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import { formatShape, sameShape } from '../../tensor/shape.js';
import { zeros } from '../../tensor/tensor.js';
import { type Bound, computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';
import { optional } from './composed.js';

/** One direction's weights. */
interface Weights {
  /** [gates·H, I] */
  readonly input: Value;
  /** [gates·H, H] */
  readonly recurrent: Value;
  /** [gates·H] each, of the input's and of the state's product; zeros where the file has none. */
  readonly biases: readonly [Value, Value];
}

type State = readonly Value[];

/** @param projected the input's product and its bias, [N, gates·H] */
type Step = (projected: Value, state: State) => State;

interface Cell {
  readonly gates: number;
  /** Those that its steps are written with, for one direction. */
  readonly activations: readonly string[];
  /** Inputs with first states. */
  readonly states: readonly number[];
  /** The bias that all steps' input has. */
  bias(biases: Weights['biases']): Value;
  steps(node: NodeSource, weights: Weights): Step;
}

const times = (state: Value, weight: Value, c: Value): Value => build.gemm(state, weight, c, { transB: true });

const parts = (x: Value, count: number, axis: number): readonly Value[] =>
  build.split(x, new Array<number>(count).fill(x.shape[axis]! / count), axis);

/** Gates i, o, f, c. */
const lstm: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  states: [5, 6],
  bias: ([ofInput, ofState]) => build.add(ofInput, ofState),
  steps: (node, { recurrent }) => {
    if (node.int('input_forget') === 1) throw new LegendaError('input_forget = 1 is not supported');
    if (node.inputs[7] !== undefined) throw new LegendaError('peepholes are not supported');
    return (projected, [hidden, cell]) => {
      const [i, o, f, c] = parts(times(hidden!, recurrent, projected), 4, 1) as [Value, Value, Value, Value];
      const next = build.add(build.mul(build.sigmoid(f), cell!), build.mul(build.sigmoid(i), build.tanh(c)));
      return [build.mul(build.sigmoid(o), build.tanh(next)), next];
    };
  },
};

/** Gates z, r, h. */
const gru: Cell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  states: [5],
  bias: ([ofInput]) => ofInput,
  steps: (node, { recurrent, biases: [, ofState] }) => {
    const resetsAfter = node.int('linear_before_reset') === 1;
    const [weights, biases] = [parts(recurrent, 3, 0), parts(ofState, 3, 0)];
    return (projected, [hidden]) => {
      const inputs = parts(projected, 3, 1);
      // all at once where the reset comes after the product
      const states = resetsAfter ? parts(times(hidden!, recurrent, ofState), 3, 1) : [];
      const gate = (i: number): Value =>
        build.sigmoid(
          resetsAfter
            ? build.add(inputs[i]!, states[i]!)
            : times(hidden!, weights[i]!, build.add(inputs[i]!, biases[i]!)),
        );
      const [z, r] = [gate(0), gate(1)];
      const candidate = resetsAfter
        ? build.add(inputs[2]!, build.mul(r, states[2]!))
        : times(build.mul(r, hidden!), weights[2]!, build.add(inputs[2]!, biases[2]!));
      return [build.add(build.mul(build.sub(1, z), build.tanh(candidate)), build.mul(z, hidden!))];
    };
  },
};

const rnn = (activation: string, activate: (x: Value) => Value): Cell => ({
  gates: 1,
  activations: [activation],
  states: [5],
  bias: lstm.bias,
  steps:
    (_, { recurrent }) =>
    (projected, [hidden]) => [activate(times(hidden!, recurrent, projected))],
});

const isRelu = (node: NodeSource): boolean => node.strings('activations')?.[0]?.toLowerCase() === 'relu';

const directions: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** Every step becomes nodes of the graph, about twenty. */
const longest = 2048;

/** The network step by step; the products with the inputs are one for all steps. */
const recurrent =
  (cell: Cell): Importer =>
  (node) => {
    const backwards = directions[node.string('direction') ?? 'forward'];
    if (backwards === undefined) throw new LegendaError(`direction "${node.string('direction')}" is not known`);
    checkForm(node, cell, backwards.length);
    const x = node.bound(0).value();
    const [length, count, width] = x.shape as [number, number, number];
    if (x.shape.length !== 3 || length < 1)
      throw new LegendaError(`[T, N, inputs] from one step on is expected, the input is ${formatShape(x.shape)}`);
    if (length > longest)
      throw new LegendaError(`sequences of ${length} steps are not supported, only of up to ${longest}`);
    const size = node.inputs[2]!.shape[2]!;
    if (node.int('hidden_size') !== undefined && node.int('hidden_size') !== size)
      throw new LegendaError(`hidden_size is ${node.int('hidden_size')}, the weights are for ${size}`);
    const first = cell.states.map((index) => {
      const given = optional(node, index);
      const shape = [backwards.length, count, size];
      if (given !== undefined && !sameShape(given.shape, shape))
        throw new LegendaError(`a first state of ${formatShape(shape)} is expected, it is ${formatShape(given.shape)}`);
      return given ?? build.constant(x, zeros({ dtype: x.dtype, shape }));
    });
    const rows = build.reshape(x, [length * count, width]);
    const outputs: Value[][] = [];
    const last: State[] = [];
    backwards.forEach((isBackwards, direction) => {
      const weights = weightsOf(node, direction, cell.gates * size);
      const step = cell.steps(node, weights);
      const all = times(rows, weights.input, cell.bias(weights.biases));
      const projected = build.reshape(all, [length, count, cell.gates * size]);
      const steps = build.split(projected, new Array<number>(length).fill(1), 0);
      let state: State = first.map((all) => build.reshape(part(all, direction), [count, size]));
      const seen: Value[] = [];
      for (const projection of isBackwards ? [...steps].reverse() : steps) {
        state = step(build.reshape(projection, [count, cell.gates * size]), state);
        seen.push(state[0]!);
      }
      outputs.push(isBackwards ? seen.reverse() : seen);
      last.push(state);
    });
    const inOrder = outputs[0]!.flatMap((_, time) => outputs.map((each) => each[time]!));
    const results = [
      build.reshape(build.concat(inOrder, 0), [length, backwards.length, count, size]),
      ...cell.states.map((_, i) =>
        build.reshape(
          build.concat(
            last.map((state) => state[i]!),
            0,
          ),
          [backwards.length, count, size],
        ),
      ),
    ];
    return results.map((value): Bound => computed(value));
  };

const part = (x: Value, index: number): Value => (x.shape[0] === 1 ? x : build.slice(x, [index], [index + 1], [0]));

function weightsOf(node: NodeSource, direction: number, gates: number): Weights {
  const matrix = (index: number): Value => {
    const own = part(node.bound(index).value(), direction);
    return build.reshape(own, own.shape.slice(1));
  };
  const both = optional(node, 3);
  const input = matrix(1);
  if (both === undefined) {
    const none = build.constant(input, zeros({ dtype: input.dtype, shape: [gates] }));
    return { input, recurrent: matrix(2), biases: [none, none] };
  }
  const own = build.reshape(part(both, direction), [2 * gates]);
  return { input, recurrent: matrix(2), biases: build.split(own, [gates, gates], 0) as [Value, Value] };
}

function checkForm(node: NodeSource, { activations }: Cell, count: number): void {
  if (node.inputs[4] !== undefined) throw new LegendaError('sequence_lens is not supported');
  if (node.int('layout') === 1) throw new LegendaError('layout = 1 is not supported');
  if (node.float('clip') !== undefined) throw new LegendaError('clip is not supported');
  const given = node.strings('activations');
  const expected = Array.from({ length: count }, () => activations).flat();
  if (given !== undefined && given.join().toLowerCase() !== expected.join().toLowerCase())
    throw new LegendaError(`activations ${given.join(', ')} are not supported, only ${expected.join(', ')}`);
}

export const recurrentLayers: Readonly<Record<string, Importer>> = {
  GRU: recurrent(gru),
  LSTM: recurrent(lstm),
  RNN: (node, ...rest) => recurrent(isRelu(node) ? rnn('Relu', build.relu) : rnn('Tanh', build.tanh))(node, ...rest),
};
