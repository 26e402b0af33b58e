import type { Graph } from '../graph/graph.js';
import type { Device } from '../passes/device.js';
import type { Tensor } from '../tensor/tensor.js';

/** A compiled ONNX model. Runs are one at a time. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * @param feeds a tensor for every input
   * @param fetches the outputs to compute: into the given tensor's memory, or (true) into new memory
   * @returns the outputs that were asked for
   */
  run(feeds: Feeds, fetches: Fetches): Promise<Record<string, Tensor>>;
  /** Frees the native memory; what is asked of the session afterwards fails. Once more does nothing. */
  release(): Promise<void>;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetches = Readonly<Record<string, Tensor | true>>;

/** An input that the session itself feeds. */
export interface StateInput {
  /** The input's name. */
  readonly name: string;
  /** Its first value; copied. */
  readonly value: Tensor;
  /** The output that is its next value; undefined where it stays as it is. */
  readonly next: string | undefined;
  /** Whether the next value may be written over it while the model is computed; two buffers take turns where it may not. */
  readonly inPlace?: boolean;
}

/**
 * A compiled model whose state stays where it computes: after a run, inputs have what its outputs came to. On a graphics
 * processor nothing of it crosses to the host until it is read. Runs are one at a time.
 */
export interface StatefulSession {
  /**
   * @param feeds a tensor for every input that is no state
   * @param fetches outputs to compute beside the state, into the given tensors' memory
   */
  run(feeds: Feeds, fetches: Readonly<Record<string, Tensor>>): Promise<void>;
  /** The state by input name. Valid until the next run. */
  read(): Promise<ReadonlyMap<string, Tensor>>;
  release(): Promise<void>;
}

/** Makes sessions: one for each platform and device. */
export interface Runtime<D extends Device = Device> {
  /** For records and messages, for example `onnxruntime-node, CPU`. */
  readonly name: string;
  /** ONNX Runtime's. */
  readonly version: string;
  readonly device: D;
  /** Of the CPU; other devices use as many as they like. */
  readonly threads: number;
  /** A graph whose weights are fed, in the layout of the device's fastest convolutions; left out where that is the plain one. */
  arrange?(graph: Graph): Promise<Graph>;
  /** @throws LegendaError when the runtime refuses the model. */
  compile(model: Uint8Array, options?: CompileOptions): Promise<Session>;
  /** @throws LegendaError when the runtime refuses the model. */
  compileStateful(model: Uint8Array, state: readonly StateInput[], options?: CompileOptions): Promise<StatefulSession>;
}

export interface CompileOptions {
  /** Where to write a profile (Chrome's trace format) when the session is released; a path prefix. Only in Node. */
  readonly profile?: string;
}
