import { gradients } from '../autodiff/gradients.js';
import { LegendaError } from '../errors.js';
import type { Graph, Value } from '../graph/graph.js';
import { type AnyModule, namedParameters } from '../nn/module.js';
import { type MaskInput, Trace } from '../nn/trace.js';
import { mul, sub } from '../ops/build.js';
import type { Transform, Update } from '../optim/transform.js';
import { optimise } from '../passes/optimise.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** What a training step is made from. */
export interface StepDefinition<M extends AnyModule> {
  readonly model: M;
  /** The tensors of one batch, by name. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  /** The loss (a scalar), and any other values to watch, by name. */
  readonly loss: (
    model: M,
    inputs: Readonly<Record<string, Value>>,
    trace: Trace,
  ) => { loss: Value } & Record<string, Value>;
  readonly optimiser: Transform;
  /** Keeps an exponential moving average of the trained parameters with this decay, as state `average/NAME`. */
  readonly averageDecay?: number | undefined;
}

/** A training step as one graph: forward, loss, backward and update. */
export interface StepGraph {
  readonly graph: Graph;
  readonly inputs: readonly string[];
  readonly masks: readonly MaskInput[];
  /** Outputs to read after every step: `loss` and what the definition added. */
  readonly results: readonly string[];
  /** Everything that is carried from step to step: parameters, buffers, optimiser state. Its next value is output `next/NAME`. */
  readonly state: readonly string[];
  /** First values of the state that is not the model's own. */
  readonly initial: ReadonlyMap<string, Tensor>;
}

export const nextName = (name: string): string => `next/${name}`;

/**
 * Traces a model once and differentiates it.
 * @throws LegendaError when shapes do not fit or an op on the way to the loss has no gradient
 */
export function buildStep<M extends AnyModule>(definition: StepDefinition<M>): StepGraph {
  const { model, optimiser, averageDecay } = definition;
  const trace = new Trace(model, true);
  const { graph } = trace;
  const inputs = Object.fromEntries(
    Object.entries(definition.inputs).map(([name, type]) => [name, graph.input(name, type)]),
  );
  const results = definition.loss(model, inputs, trace);

  const state: string[] = [];
  const initial = new Map<string, Tensor>();
  const carry = (name: string, next: Value): void => {
    state.push(name);
    graph.output(nextName(name), next);
  };
  const learningRate = graph.input('learningRate', { dtype: 'float32', shape: [] });
  const trained = [...namedParameters(model)].flatMap(([name, { trainable }]) => {
    const parameter = trace.parameters.get(name);
    return trainable && parameter !== undefined ? [{ name, parameter }] : [];
  });
  if (trained.length === 0) throw new LegendaError('the loss uses no parameter of the model');
  const directions = gradients(
    results.loss,
    trained.map(({ parameter }) => parameter),
  );
  const updates: readonly Update[] = trained.map((entry, i) => ({ ...entry, direction: directions[i]! }));
  const moved = optimiser(updates, {
    learningRate,
    state(name, tensor) {
      initial.set(name, tensor);
      return { current: graph.input(name, tensor), next: (value) => carry(name, value) };
    },
  });
  for (const { name, parameter, direction } of moved) {
    const next = graph.scoped(`update.${name}`, () => sub(parameter, mul(learningRate, direction)));
    carry(name, next);
    if (averageDecay === undefined) continue;
    const average = graph.input(`average/${name}`, parameter);
    carry(
      `average/${name}`,
      graph.scoped(`average.${name}`, () => sub(average, mul(sub(average, next), 1 - averageDecay))),
    );
  }
  for (const [name, parameter] of trace.parameters) {
    if (!state.includes(name)) carry(name, trace.updates.get(name) ?? parameter);
  }
  for (const [name, value] of Object.entries(results)) graph.output(name, value);
  return {
    graph: optimise(graph),
    inputs: Object.keys(inputs),
    masks: trace.masks,
    results: Object.keys(results),
    state,
    initial,
  };
}
