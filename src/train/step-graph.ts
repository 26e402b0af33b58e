import { gradients } from '../autodiff/gradients.js';
import { LegendaError, UsageError } from '../errors.js';
import { type Graph, inputName, type Value } from '../graph/graph.js';
import { type AnyModule, namedParameters } from '../nn/module.js';
import { type MaskInput, Trace } from '../nn/trace.js';
import { mul, sub } from '../ops/build.js';
import { type Transform, type UpdateContext, unchanged } from '../optim/transform.js';
import type { Device } from '../passes/device.js';
import { leftOutOn, optimiseForward, optimiseStep, type PassName } from '../passes/optimise.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** What decides the form of a step's graph. */
export interface StepForm {
  /** What the step is computed on. The CPU when left out. */
  readonly device?: Device | undefined;
  /** Threads of a CPU that compute it. Several when left out. */
  readonly threads?: number | undefined;
  /** Graph passes to leave out. */
  readonly without?: readonly PassName[] | undefined;
}

/** The tensors of one batch, by name. */
export type BatchTypes = Readonly<Record<string, TensorType>>;

/** What a training step is made from. */
export interface StepDefinition<M extends AnyModule, Batch extends BatchTypes = BatchTypes> extends StepForm {
  readonly model: M;
  readonly inputs: Batch;
  /** The loss (a scalar), and any other values to watch, by name. */
  readonly loss: (
    model: M,
    inputs: { readonly [Name in keyof Batch]: Value },
    trace: Trace,
  ) => { readonly loss: Value } & Readonly<Record<string, Value>>;
  readonly optimiser: Transform;
  /** Parameters that stay as they are, by name. */
  readonly frozen?: (name: string) => boolean;
  /** Whether layers do what they do after training: nothing is dropped, running statistics are used and stay. */
  readonly evaluating?: boolean;
  /**
   * Keeps an exponential moving average of the trained parameters, and of running statistics, with this decay, as state
   * `average/NAME`, in (0, 1). `inferenceParameters` puts them in the parameters' place.
   */
  readonly averageDecay?: number | undefined;
}

/** A training step as one graph: forward, loss, backward and update. */
export interface StepGraph {
  readonly graph: Graph;
  readonly inputs: readonly string[];
  readonly masks: readonly MaskInput[];
  /** Outputs to read after every step: `loss` and what the definition added. */
  readonly results: readonly string[];
  /** What is carried from step to step: parameters, buffers, optimiser state. The next value is output `next/NAME`. */
  readonly state: readonly string[];
  /** Those of the state that the forward pass itself changes: running statistics. */
  readonly buffers: readonly string[];
  /** Parameters that are fed and stay as they are. */
  readonly fixed: readonly string[];
  /** First values of the state that is not the model's own. */
  readonly initial: ReadonlyMap<string, Tensor>;
}

export const nextName = (name: string): string => `next/${name}`;
export const averageName = (name: string): string => `average/${name}`;

/** The tensors a model is evaluated with, from a training state: averages take the place of what they are averages of. */
export function inferenceParameters(state: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const prefix = averageName('');
  const parameters = new Map(state);
  for (const [name, average] of state) if (name.startsWith(prefix)) parameters.set(name.slice(prefix.length), average);
  return parameters;
}

/**
 * Traces a model once and differentiates it.
 * @throws LegendaError when shapes do not fit, there is no loss, an op on the way to it has no gradient, or none leads to a parameter
 * @throws UsageError when the decay of averages is out of range
 */
export function buildStep<M extends AnyModule, Batch extends BatchTypes>(
  definition: StepDefinition<M, Batch>,
): StepGraph {
  const { model, evaluating = false, device = 'cpu', threads, averageDecay } = definition;
  if (averageDecay !== undefined && !(averageDecay > 0 && averageDecay < 1))
    throw new UsageError(`averageDecay: a number between 0 and 1 is expected, ${averageDecay} came`);
  const without = [...leftOutOn(device, threads), ...(definition.without ?? [])];
  const trace = new Trace(model, !evaluating);
  const inputs = Object.entries(definition.inputs).map(
    ([name, type]) => [name, trace.graph.input(name, type)] as const,
  );
  const results = definition.loss(model, Object.fromEntries(inputs) as { [Name in keyof Batch]: Value }, trace);
  if (results.loss === undefined)
    throw new LegendaError(`the definition gives no "loss", only ${Object.keys(results).join(', ') || 'nothing'}`);
  const fed = Object.keys(results).find((name) => Object.hasOwn(definition.inputs, name));
  if (fed !== undefined) throw new LegendaError(`the result "${fed}" has the name of an input`);
  for (const [name, value] of Object.entries(results)) trace.graph.output(name, value);
  for (const [name, value] of trace.updates) trace.graph.output(nextName(name), value);

  const graph = optimiseForward(trace.graph, without);
  const trained = trainedParameters(definition, trace, graph);
  const buffers = [...trace.updates.keys()];
  const { state, initial } = appendUpdates(definition, graph, trained, buffers);
  return {
    graph: optimiseStep(graph, without),
    inputs: inputs.map(([name]) => name),
    masks: trace.masks,
    results: Object.keys(results),
    state: [...buffers, ...state],
    buffers,
    fixed: [...trace.parameters.keys()].filter((name) => !trained.has(name) && !trace.updates.has(name)),
    initial,
  };
}

function trainedParameters<M extends AnyModule>(
  { model, frozen = () => false }: Pick<StepDefinition<M>, 'model' | 'frozen'>,
  trace: Trace,
  graph: Graph,
): ReadonlyMap<string, Value> {
  const owned = namedParameters(model);
  const trained = new Map<string, Value>();
  for (const input of graph.inputs) {
    const name = inputName(input);
    if (trace.parameters.has(name) && owned.get(name)?.trainable && !frozen(name)) trained.set(name, input);
  }
  if (trained.size === 0) throw new LegendaError('the loss uses no parameter of the model that is to be trained');
  return trained;
}

/** Backward pass and update, appended to the forward graph. */
function appendUpdates<M extends AnyModule>(
  { optimiser, averageDecay }: Pick<StepDefinition<M>, 'optimiser' | 'averageDecay'>,
  graph: Graph,
  trained: ReadonlyMap<string, Value>,
  buffers: readonly string[],
): { state: string[]; initial: Map<string, Tensor> } {
  const state: string[] = [];
  const initial = new Map<string, Tensor>();
  const carry = (name: string, next: Value): void => {
    state.push(name);
    graph.output(nextName(name), next);
  };
  const learningRate = graph.input('learningRate', { dtype: 'float32', shape: [] });
  const loss = graph.outputs.get('loss')!;
  // plain gradient descent multiplies its rate into the loss's gradient, once, and so into all that follow from it
  const isPlain = optimiser === unchanged;
  const directions = gradients(loss, [...trained.values()], isPlain ? learningRate : undefined);
  if (directions.every(({ source }) => source.kind === 'constant'))
    throw new LegendaError(
      'no parameter that is to be trained moves the loss: positions and truth values (ArgMax, Greater) have no gradient',
    );
  const updates = [...trained].map(([name, parameter], i) => ({ name, parameter, direction: directions[i]! }));
  const context: UpdateContext = {
    learningRate,
    state(name, tensor) {
      initial.set(name, tensor);
      return { current: graph.input(name, tensor), next: (value) => carry(name, value) };
    },
  };
  const moved = graph.scoped('update', () => optimiser(updates, context));
  for (const { name, parameter, direction } of moved) {
    const next = (): Value => sub(parameter, isPlain ? direction : mul(learningRate, direction));
    carry(name, graph.scoped(`update.${name}`, next));
  }
  if (averageDecay === undefined) return { state, initial };
  for (const name of [...trained.keys(), ...buffers]) {
    const next = graph.outputs.get(nextName(name))!;
    const average = graph.input(averageName(name), next);
    const moveBy = (): Value => mul(sub(average, next), 1 - averageDecay);
    carry(
      averageName(name),
      graph.scoped(`average.${name}`, () => sub(average, moveBy())),
    );
  }
  return { state, initial };
}
