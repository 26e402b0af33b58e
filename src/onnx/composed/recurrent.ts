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
/** @param projected the input's product without bias, [N, gates·H] */
type Step = (projected: Value, state: State, weights: Weights) => State;

interface Cell {
  readonly gates: number;
  /** What the runtime takes when the file says nothing, by direction. */
  readonly activations: readonly string[];
  /** Inputs with first states. */
  readonly states: readonly number[];
  step(node: NodeSource): Step;
}

const quarters = (x: Value, parts: number): readonly Value[] =>
  build.split(x, new Array<number>(parts).fill(x.shape[1]! / parts), 1);

const withBias = (x: Value, ...biases: Value[]): Value => biases.reduce((sum, bias) => build.add(sum, bias), x);

const times = (state: Value, weight: Value, c?: Value): Value => build.gemm(state, weight, c, { transB: true });

/** Gates i, o, f, c. */
const lstm: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  states: [5, 6],
  step: (node) => {
    if (node.int('input_forget') === 1) throw new LegendaError('input_forget = 1 is not supported');
    if (node.inputs[7] !== undefined) throw new LegendaError('peepholes are not supported');
    return (projected, [hidden, cell], { recurrent, biases }) => {
      const gates = times(hidden!, recurrent, withBias(projected, ...biases));
      const [i, o, f, c] = quarters(gates, 4) as [Value, Value, Value, Value];
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
  step: (node) => {
    const resetsAfter = node.int('linear_before_reset') === 1;
    return (projected, [hidden], { recurrent, biases: [ofInput, ofState] }) => {
      const [xz, xr, xh] = quarters(withBias(projected, ofInput), 3) as [Value, Value, Value];
      const parts = new Array<number>(3).fill(hidden!.shape[1]!);
      const [wz, wr, wh] = build.split(recurrent, parts, 0) as [Value, Value, Value];
      const [bz, br, bh] = build.split(ofState, parts, 0) as [Value, Value, Value];
      const z = build.sigmoid(times(hidden!, wz, withBias(xz, bz)));
      const r = build.sigmoid(times(hidden!, wr, withBias(xr, br)));
      const candidate = resetsAfter
        ? build.add(xh, build.mul(r, times(hidden!, wh, bh)))
        : times(build.mul(r, hidden!), wh, withBias(xh, bh));
      return [build.add(build.mul(build.sub(1, z), build.tanh(candidate)), build.mul(z, hidden!))];
    };
  },
};

const rnn = (activation: string, activate: (x: Value) => Value): Cell => ({
  gates: 1,
  activations: [activation],
  states: [5],
  step:
    () =>
    (projected, [hidden], { recurrent, biases }) => [
      activate(times(hidden!, recurrent, withBias(projected, ...biases))),
    ],
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
    const step = cell.step(node);
    const rows = build.reshape(x, [length * count, width]);
    const outputs: Value[][] = [];
    const last: State[] = [];
    backwards.forEach((isBackwards, direction) => {
      const weights = weightsOf(node, direction, cell.gates * size);
      const projected = build.reshape(times(rows, weights.input), [length, count, cell.gates * size]);
      const steps = build.split(projected, new Array<number>(length).fill(1), 0);
      let state: State = first.map((all) => build.reshape(part(all, direction), [count, size]));
      const seen: Value[] = [];
      for (const projection of isBackwards ? [...steps].reverse() : steps) {
        state = step(build.reshape(projection, [count, cell.gates * size]), state, weights);
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
