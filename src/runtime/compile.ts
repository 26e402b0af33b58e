import type { Graph } from '../graph/graph.js';
import { type WriteOptions, writeOnnx } from '../onnx/write.js';
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
