import { LegendaError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { writeOnnx } from '../onnx/write.js';
import type { CompileOptions, Runtime, Session } from '../runtime/session.js';
import { fillMask, stream } from '../tensor/random.js';
import { sameShape } from '../tensor/shape.js';
import { formatType, scalar, type Tensor, zeros } from '../tensor/tensor.js';
import { averageName, nextName, type StepGraph } from './step-graph.js';

/** A dropout mask, drawn anew for every step. */
interface Mask {
  readonly keep: number;
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * A compiled training step with its state. Parameters and optimiser state lie in two sets of buffers that swap roles: a
 * step reads one and writes the other, so nothing is allocated or copied from step to step.
 */
export class TrainingStep implements AsyncDisposable {
  readonly #session: Session;
  readonly #masks: readonly Mask[];
  readonly #results: Readonly<Record<string, Tensor>>;
  readonly #names: readonly string[];
  readonly #learningRate = scalar(0);
  #current: ReadonlyMap<string, Tensor>;
  #spare: ReadonlyMap<string, Tensor>;
  readonly #fixed: ReadonlyMap<string, Tensor>;
  readonly #seed: number;

  private constructor(session: Session, definition: StepGraph, state: ReadonlyMap<string, Tensor>, seed: number) {
    const { graph, state: names, fixed, masks, results } = definition;
    this.#session = session;
    this.#masks = masks.map(({ name, keep, shape }) => ({ name, keep, tensor: zeros({ dtype: 'float32', shape }) }));
    this.#results = Object.fromEntries(results.map((name) => [name, zeros(graph.outputs.get(name)!)]));
    this.#names = names;
    this.#current = pick(graph, names, state);
    this.#spare = new Map([...this.#current].map(([name, tensor]) => [name, zeros(tensor)]));
    this.#fixed = pick(graph, fixed, state);
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
    const session = await runtime.compile(writeOnnx(definition.graph), options);
    try {
      return new TrainingStep(session, definition, completeState(definition, state), seed);
    } catch (error) {
      await session.release();
      throw error;
    }
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
    const fetches: Record<string, Tensor> = { ...this.#results };
    for (const name of this.#names) {
      feeds[name] = this.#current.get(name)!;
      fetches[nextName(name)] = this.#spare.get(name)!;
    }
    for (const [name, tensor] of this.#fixed) feeds[name] = tensor;
    await this.#session.run(feeds, fetches);
    [this.#current, this.#spare] = [this.#spare, this.#current];
    return this.#results;
  }

  /**
   * The state as it is now, by name, with the parameters that stay as they are: all that `compile` needs to go on, and more
   * than `InferenceModel` and `exportModel` need. Valid until the next step.
   */
  get state(): ReadonlyMap<string, Tensor> {
    return this.#fixed.size === 0 ? this.#current : new Map([...this.#current, ...this.#fixed]);
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

/** Copies of the named tensors. @throws LegendaError when one is missing or is not of its input's type */
function pick(graph: Graph, names: readonly string[], from: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const types = new Map(graph.inputs.map((input) => [input.source.kind === 'input' ? input.source.name : '', input]));
  return new Map(
    names.map((name) => {
      const { dtype, shape } = types.get(name)!;
      const given = from.get(name);
      if (given === undefined) throw new LegendaError(`the training state lacks "${name}"`);
      if (given.dtype !== dtype || !sameShape(given.shape, shape)) {
        throw new LegendaError(
          `"${name}" is ${formatType(given)} in the given state, the model expects ${formatType({ dtype, shape })}`,
        );
      }
      return [name, { dtype, shape, data: given.data.slice() }];
    }),
  );
}
