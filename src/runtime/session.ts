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
  /** Frees the native memory; the session must not be used afterwards. */
  release(): Promise<void>;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetches = Readonly<Record<string, Tensor | true>>;

/** Makes sessions: one for each platform. */
export interface Runtime {
  /** For records and messages, for example `onnxruntime-node, CPU`. */
  readonly name: string;
  /** ONNX Runtime's. */
  readonly version: string;
  readonly threads: number;
  /** @throws LegendaError when the runtime refuses the model. */
  compile(model: Uint8Array, options?: CompileOptions): Promise<Session>;
}

export interface CompileOptions {
  /** Where to write a profile (Chrome's trace format) when the session is released; a path prefix. */
  readonly profile?: string;
}
