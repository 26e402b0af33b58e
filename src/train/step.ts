import { LegendaError, UsageError } from '../errors.js';
import { inputName } from '../graph/graph.js';
import { compileRepeatedGraph, compileStatefulGraph } from '../runtime/compile.js';
import type { CompileOptions, Runtime, StatefulSession } from '../runtime/session.js';
import { Turns } from '../runtime/turns.js';
import { fillMask, stream } from '../tensor/random.js';
import { sameShape, sizeOf } from '../tensor/shape.js';
import { firstOf } from '../tensor/stack.js';
import { formatType, type Tensor, type TensorType, zeros } from '../tensor/tensor.js';
import type { StepGraph } from './step-graph.js';
import { stateOf } from './step-state.js';

export interface StepOptions extends CompileOptions {
  /**
   * The most steps that one run of the session takes, 1 when left out; more only on the CPU (see `chooseStepsAtOnce`). What a run
   * costs beside its steps is then paid once for all of them; the state is in memory four times instead of twice. A session's
   * steps have the same bits, however they are put together.
   */
  readonly stepsAtOnce?: number;
}

/** Tensors by name. */
type Named = Readonly<Record<string, Tensor>>;

/** What a definition gives: its loss, and what it added. */
export type StepResults = { readonly loss: Tensor } & Named;

/** A dropout mask, drawn anew for every step. */
interface Mask {
  readonly keep: number;
  readonly name: string;
}

/**
 * A compiled training step with its state, which stays where the runtime computes. Steps that are asked for while one is computed
 * wait for it, in order.
 */
export class TrainingStep implements AsyncDisposable {
  /** The most that `runSeveral` takes. */
  readonly stepsAtOnce: number;
  readonly #session: StatefulSession;
  readonly #inputs: ReadonlyMap<string, TensorType>;
  readonly #masks: readonly Mask[];
  readonly #results: readonly string[];
  readonly #learningRates: Float32Array;
  readonly #seed: number;
  /** What every step has its own of, besides the batch: masks, learning rates, results; for as many steps as there may be. */
  readonly #own: Named;
  /** The first of them, by how many. */
  readonly #first = new Map<number, Named>();
  /** Steps share state and buffers. */
  readonly #turns = new Turns();
  #isDisposed = false;

  private constructor(session: StatefulSession, definition: StepGraph, seed: number, stepsAtOnce: number) {
    const { graph, inputs, masks, results } = definition;
    this.stepsAtOnce = stepsAtOnce;
    this.#session = session;
    this.#inputs = new Map(
      graph.inputs.filter((input) => inputs.includes(inputName(input))).map((input) => [inputName(input), input]),
    );
    this.#masks = masks;
    this.#results = results;
    const scalar: TensorType = { dtype: 'float32', shape: [] };
    const own: Record<string, TensorType> = { learningRate: scalar };
    for (const { name, shape } of masks) own[name] = { dtype: 'float32', shape };
    for (const name of results) own[name] = graph.outputs.get(name)!;
    this.#own = mapValues(own, ({ dtype, shape }) => zeros({ dtype, shape: [stepsAtOnce, ...shape] }));
    this.#learningRates = this.#own['learningRate']!.data as Float32Array;
    this.#seed = seed;
  }

  /**
   * @param state values of everything carried; what is missing starts at the optimiser's own initial values, averages at
   * the parameters'. Copied.
   * @param seed of the dropout masks
   * @throws UsageError when `stepsAtOnce` is no whole number from 1, or more than 1 on another device than the CPU
   * @throws LegendaError when a parameter is missing or of another shape, or the runtime refuses the graph
   */
  static async compile(
    runtime: Runtime,
    definition: StepGraph,
    state: ReadonlyMap<string, Tensor>,
    seed: number,
    { stepsAtOnce = 1, ...options }: StepOptions = {},
  ): Promise<TrainingStep> {
    if (!(Number.isSafeInteger(stepsAtOnce) && stepsAtOnce >= 1))
      throw new UsageError(`stepsAtOnce: a whole number from 1 is expected, ${stepsAtOnce} came`);
    const inputs = stateOf(definition, state);
    const compile = stepsAtOnce > 1 ? compileRepeatedGraph : compileStatefulGraph;
    const session = await compile(runtime, definition.graph, inputs, options);
    return new TrainingStep(session, definition, seed, stepsAtOnce);
  }

  /**
   * One step.
   * @param step its number from 0, which decides the dropout masks
   * @param batch the definition's inputs
   * @returns the definition's results; their memory is reused by the next step
   */
  async run(step: number, learningRate: number, batch: Named): Promise<StepResults> {
    return mapValues(await this.runSeveral(step, [learningRate], mapValues(batch, stacked)), only) as StepResults;
  }

  /**
   * Several steps, in one run of the session.
   * @param first number of the first from 0, which decides the dropout masks
   * @param learningRates of each
   * @param batches the definition's inputs, each with an axis of steps in front
   * @returns the definition's results, each with an axis of steps in front; their memory is reused by the next steps
   * @throws UsageError when there are none or more than `stepsAtOnce`, or a learning rate is no number
   * @throws LegendaError when an input is missing or of another type
   */
  async runSeveral(first: number, learningRates: readonly number[], batches: Named): Promise<StepResults> {
    const count = learningRates.length;
    if (count < 1 || count > this.stepsAtOnce)
      throw new UsageError(`from 1 to ${this.stepsAtOnce} steps can be taken at once, ${count} came`);
    const wrong = learningRates.findIndex((rate) => !Number.isFinite(rate));
    if (wrong !== -1) throw new UsageError(`a learning rate is expected, ${learningRates[wrong]} came`);
    for (const [name, { dtype, shape }] of this.#inputs) checkInput(name, { dtype, shape: [count, ...shape] }, batches);
    return this.#turns.take(() => this.#take(first, learningRates, batches));
  }

  async #take(first: number, learningRates: readonly number[], batches: Named): Promise<StepResults> {
    this.#refuseDisposed();
    const count = learningRates.length;
    const own = this.#ownOf(count);
    this.#learningRates.set(learningRates);
    for (let i = 0; i < count; i++) this.#drawMasks(first + i, i);
    const results = pick(own, this.#results) as StepResults;
    const fed = { ...batches, ...pick(own, ['learningRate', ...this.#masks.map(({ name }) => name)]) };
    const form = this.stepsAtOnce > 1 ? (each: Named) => each : (each: Named) => mapValues(each, only);
    await this.#session.run(form(fed), form(results));
    return results;
  }

  /**
   * The state as it is now, by name, with the parameters that stay as they are: all that `compile` needs to go on, and more
   * than `InferenceModel` and `exportModel` need. Valid until the next step.
   */
  state(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#turns.take(async () => {
      this.#refuseDisposed();
      return this.#session.read();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#turns.take(async () => {
      this.#isDisposed = true;
      await this.#session.release();
    });
  }

  #refuseDisposed(): void {
    if (this.#isDisposed) throw new LegendaError('the training step was disposed of: it has no state any more');
  }

  #drawMasks(step: number, position: number): void {
    for (const { name, keep } of this.#masks) {
      const { data, shape } = this.#own[name]!;
      const size = sizeOf(shape.slice(1));
      const mask = (data as Float32Array).subarray(position * size, (position + 1) * size);
      fillMask(stream(this.#seed, 'dropout', name, step), mask, keep);
    }
  }

  #ownOf(count: number): Named {
    const made = this.#first.get(count) ?? mapValues(this.#own, (tensor) => firstOf(tensor, count));
    this.#first.set(count, made);
    return made;
  }
}

function checkInput(name: string, type: TensorType, batches: Named): void {
  const given = batches[name];
  if (given === undefined) throw new LegendaError(`the step's input "${name}" is not among those given`);
  if (given.dtype !== type.dtype || !sameShape(given.shape, type.shape))
    throw new LegendaError(`the step's input "${name}" is ${formatType(type)}, ${formatType(given)} is given`);
}

const stacked = ({ dtype, shape, data }: Tensor): Tensor => ({ dtype, shape: [1, ...shape], data });

const only = ({ dtype, shape, data }: Tensor): Tensor => ({ dtype, shape: shape.slice(1), data });

const mapValues = <A, B>(named: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value)]));

const pick = (named: Named, names: readonly string[]): Named =>
  Object.fromEntries(names.map((name) => [name, named[name]!]));
