import type { Graph, Value } from '../graph/graph.js';
import type { Module } from '../nn/module.js';
import { parametersNamed } from '../nn/parameters-named.js';
import { Trace } from '../nn/trace.js';
import { compileGraph } from '../runtime/compile.js';
import type { Runtime, Session } from '../runtime/session.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** The forward pass of a model in evaluation, compiled for one batch size; parameters are given at every run. */
export class InferenceModel implements AsyncDisposable {
  readonly #session: Session;
  readonly #parameters: ReadonlyMap<string, TensorType>;

  private constructor(session: Session, parameters: ReadonlyMap<string, TensorType>) {
    this.#session = session;
    this.#parameters = parameters;
  }

  /**
   * @param input the type of a batch
   * @throws LegendaError when it does not fit the model
   */
  static async compile(runtime: Runtime, model: Module, input: TensorType): Promise<InferenceModel> {
    const { graph, parameters } = traceInference(model, input);
    return new InferenceModel(await compileGraph(runtime, graph), parameters);
  }

  /**
   * The model's output for a batch.
   * @param parameters by name; more may be there
   * @throws LegendaError when one is missing or of another type
   */
  async run(batch: Tensor, parameters: ReadonlyMap<string, Tensor>): Promise<Tensor> {
    const feeds = { [inputName]: batch, ...Object.fromEntries(parametersNamed(this.#parameters, parameters)) };
    const { [outputName]: output } = await this.#session.run(feeds, { [outputName]: true });
    return output!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

export const inputName = 'pixels';
export const outputName = 'output';

/** A model's evaluation graph: input `pixels`, the parameters as inputs by name, output `output`. */
export function traceInference(
  model: Module,
  input: TensorType,
): { graph: Graph; parameters: ReadonlyMap<string, TensorType>; output: Value } {
  const trace = new Trace(model, false);
  const output = model.call(trace.graph.input(inputName, input), trace);
  trace.graph.output(outputName, output);
  return { graph: trace.graph, parameters: trace.parameters, output };
}
