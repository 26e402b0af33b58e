import { UsageError } from '../errors.js';
import { type Graph, inputName } from '../graph/graph.js';
import { type WriteOptions, writeOnnx } from '../onnx/write.js';
import { writeRepeated } from '../onnx/write-repeated.js';
import { isOnCpu } from '../passes/device.js';
import { forWebGpu } from '../passes/for-webgpu.js';
import type { Tensor } from '../tensor/tensor.js';
import type { CompileOptions, Runtime, Session, StatefulSession, StateInput } from './session.js';

/**
 * A graph in the form that the runtime's device computes best.
 * @param initialisers weights for which ONNX Runtime chooses layouts by itself
 */
async function formFor(runtime: Runtime, graph: Graph, initialisers?: ReadonlyMap<string, Tensor>): Promise<Graph> {
  if (runtime.device === 'webgpu') return forWebGpu(graph);
  return initialisers === undefined && runtime.arrange !== undefined ? await runtime.arrange(graph) : graph;
}

/** @throws LegendaError when the runtime refuses the graph */
export const compileGraph = async (runtime: Runtime, graph: Graph, options?: WriteOptions): Promise<Session> =>
  runtime.compile(writeOnnx(await formFor(runtime, graph, options?.initialisers), options));

/** @throws LegendaError when the runtime refuses the graph */
export const compileStatefulGraph = async (
  runtime: Runtime,
  graph: Graph,
  state: readonly StateInput[],
  options?: CompileOptions,
): Promise<StatefulSession> => runtime.compileStateful(writeOnnx(await formFor(runtime, graph)), state, options);

/**
 * A graph that one run computes several times, carrying the state on (see `writeRepeated`): what is fed and fetched has one
 * more axis in front.
 * @throws UsageError when the device is not the CPU: others have no Scan
 * @throws LegendaError when the runtime refuses the graph
 */
export async function compileRepeatedGraph(
  runtime: Runtime,
  graph: Graph,
  state: readonly StateInput[],
  options?: CompileOptions,
): Promise<StatefulSession> {
  if (!isOnCpu(runtime.device)) throw new UsageError(`several steps at once are for the CPU, this is ${runtime.name}`);
  const carried = new Map(state.flatMap(({ name, next }) => (next === undefined ? [] : [[name, next] as const])));
  const held = new Set(state.map(({ name }) => name));
  const fed = graph.inputs.map(inputName);
  const each = new Set(fed.filter((name) => !held.has(name)));
  // between the first and the last of several runs, ONNX Runtime keeps state in memory of its own
  const apart = state.map((input) => ({ ...input, inPlace: false }));
  return runtime.compileStateful(writeRepeated(await formFor(runtime, graph), { carried, each }), apart, options);
}
