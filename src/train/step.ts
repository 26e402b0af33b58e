import { LegendaError } from '../errors.js';
import { compileStatefulGraph } from '../runtime/compile.js';
import type { CompileOptions, Runtime, StatefulSession, StateInput } from '../runtime/session.js';
import { fillMask, stream } from '../tensor/random.js';
import { sameShape } from '../tensor/shape.js';
import { formatType, scalar, type Tensor, zeros } from '../tensor/tensor.js';
import { writableInPlace } from './in-place.js';
import { averageName, nextName, type StepGraph } from './step-graph.js';

/** A dropout mask, drawn anew for every step. */
interface Mask {
  readonly keep: number;
  readonly name: string;
  readonly tensor: Tensor;
}

/** A compiled training step with its state, which stays where the runtime computes. */
export class TrainingStep implements AsyncDisposable {
  readonly #session: StatefulSession;
  readonly #masks: readonly Mask[];
  readonly #results: Readonly<Record<string, Tensor>>;
  readonly #learningRate = scalar(0);
  readonly #seed: number;

  private constructor(session: StatefulSession, { graph, masks, results }: StepGraph, seed: number) {
    this.#session = session;
    this.#masks = masks.map(({ name, keep, shape }) => ({ name, keep, tensor: zeros({ dtype: 'float32', shape }) }));
    this.#results = Object.fromEntries(results.map((name) => [name, zeros(graph.outputs.get(name)!)]));
    this.#seed = seed;
  }

  /**
   * @param state values of everything carried; what is missing starts at the optimiser's own initial values, averages at
   * the parameters'. Copied.
   * @param seed of the dropout masks
   * @throws LegendaError when a parameter is missing or of another shape, or the runtime refuses the graph
   */
  static async compile(
    runtime: Runtime,
    definition: StepGraph,
    state: ReadonlyMap<string, Tensor>,
    seed: number,
    options: CompileOptions = {},
  ): Promise<TrainingStep> {
    const { graph } = definition;
    const inputs = stateInputs(definition, completeState(definition, state));
    return new TrainingStep(await compileStatefulGraph(runtime, graph, inputs, options), definition, seed);
  }

  /**
   * One step.
   * @param step its number from 0, which decides the dropout masks
   * @param batch the definition's inputs
   * @returns the definition's results; their memory is reused by the next step
   */
  async run(
    step: number,
    learningRate: number,
    batch: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    this.#learningRate.data[0] = learningRate;
    const feeds: Record<string, Tensor> = { ...batch, learningRate: this.#learningRate };
    for (const { name, keep, tensor } of this.#masks) {
      fillMask(stream(this.#seed, 'dropout', name, step), tensor.data as Float32Array, keep);
      feeds[name] = tensor;
    }
    await this.#session.run(feeds, this.#results);
    return this.#results;
  }

  /**
   * The state as it is now, by name, with the parameters that stay as they are: all that `compile` needs to go on, and more
   * than `InferenceModel` and `exportModel` need. Valid until the next step.
   */
  state(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#session.read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

/** What is given, the optimiser's initial values where it is missing, and parameters where their averages are. */
function completeState({ state, initial }: StepGraph, given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const complete = new Map([...initial, ...given]);
  for (const name of state) {
    const averaged = name.startsWith(averageName('')) ? given.get(name.slice(averageName('').length)) : undefined;
    if (!complete.has(name) && averaged !== undefined) complete.set(name, averaged);
  }
  return complete;
}

/** What the session feeds itself. @throws LegendaError when a value is missing or is not of its input's type */
function stateInputs({ graph, state, fixed, initial }: StepGraph, values: ReadonlyMap<string, Tensor>): StateInput[] {
  const types = new Map(graph.inputs.map((input) => [input.source.kind === 'input' ? input.source.name : '', input]));
  const inputs = [
    ...state.map((name) => [name, nextName(name)] as const),
    ...fixed.map((name) => [name, undefined] as const),
  ];
  // of the optimiser's own alone: what a runtime fuses may read a layer's parameters later than the graph says
  const own = state.filter((name) => initial.has(name));
  const inPlace = writableInPlace(graph, new Map(own.map((name) => [name, nextName(name)])));
  return inputs.map(([name, next]) => {
    const { dtype, shape } = types.get(name)!;
    const value = values.get(name);
    if (value === undefined) throw new LegendaError(`the training state lacks "${name}"`);
    if (value.dtype !== dtype || !sameShape(value.shape, shape)) {
      throw new LegendaError(
        `"${name}" is ${formatType(value)} in the given state, the model expects ${formatType({ dtype, shape })}`,
      );
    }
    return { name, value: { dtype, shape, data: value.data }, next, inPlace: inPlace.has(name) };
  });
}
