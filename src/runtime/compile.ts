import { UsageError } from '../errors.js';
import { type Graph, inputName } from '../graph/graph.js';
import { type WriteOptions, writeOnnx } from '../onnx/write.js';
import { writeRepeated } from '../onnx/write-repeated.js';
import { isOnCpu } from '../passes/device.js';
import { forWebGpu } from '../passes/for-webgpu.js';
import type { CompileOptions, Runtime, Session, StatefulSession, StateInput } from './session.js';

/** The graph as ONNX, in the form that the runtime's device computes best. */
const modelFor = ({ device }: Runtime, graph: Graph, options?: WriteOptions): Uint8Array =>
  writeOnnx(device === 'webgpu' ? forWebGpu(graph) : graph, options);

/** @throws LegendaError when the runtime refuses the graph */
export const compileGraph = (runtime: Runtime, graph: Graph, options?: WriteOptions): Promise<Session> =>
  runtime.compile(modelFor(runtime, graph, options));

/** @throws LegendaError when the runtime refuses the graph */
export const compileStatefulGraph = (
  runtime: Runtime,
  graph: Graph,
  state: readonly StateInput[],
  options?: CompileOptions,
): Promise<StatefulSession> => runtime.compileStateful(modelFor(runtime, graph), state, options);

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
  return runtime.compileStateful(writeRepeated(graph, { carried, each }), apart, options);
}
