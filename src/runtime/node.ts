import { availableParallelism } from 'node:os';
import ort from 'onnxruntime-node';
import { LegendaError } from '../errors.js';
import type { DType, TypedArray } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { CompileOptions, Feeds, Fetches, Runtime, Session } from './session.js';

export interface NodeRuntimeOptions {
  /** Threads inside an operator; the machine's cores when left out. The same count gives the same bits. */
  readonly threads?: number;
}

/** ONNX Runtime's native library on the CPU. */
export function nodeRuntime({ threads = availableParallelism() }: NodeRuntimeOptions = {}): Runtime {
  return {
    name: 'onnxruntime-node, CPU',
    version: ort.env.versions.node ?? ort.env.versions.common,
    threads,
    compile: (model, options) => NodeSession.create(model, threads, options),
  };
}

class NodeSession implements Session {
  readonly #session: ort.InferenceSession;
  /** ONNX Runtime's view of each host tensor, made once: the same buffers come back at every step. */
  readonly #views = new WeakMap<TypedArray, ort.Tensor>();

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  static async create(model: Uint8Array, threads: number, options: CompileOptions = {}): Promise<NodeSession> {
    try {
      const session = await ort.InferenceSession.create(model, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        // warnings about initialisers that optimisations removed are not the user's business
        logSeverityLevel: 3,
        ...(options.profile !== undefined && { enableProfiling: true, profileFilePrefix: options.profile }),
      });
      return new NodeSession(session);
    } catch (error) {
      throw new LegendaError(`ONNX Runtime refuses the model: ${(error as Error).message}`, { cause: error });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Feeds, fetches: Fetches): Promise<Record<string, Tensor>> {
    const fed: Record<string, ort.Tensor> = {};
    for (const name in feeds) fed[name] = this.#view(feeds[name]!);
    const wanted: Record<string, ort.Tensor | null> = {};
    for (const name in fetches) {
      const target = fetches[name]!;
      wanted[name] = target === true ? null : this.#view(target);
    }
    const computed = await this.#session.run(fed, wanted);
    const results: Record<string, Tensor> = {};
    for (const name in fetches) {
      const target = fetches[name]!;
      if (target !== true) discard((computed[name]!.data as TypedArray).buffer as ArrayBuffer);
      results[name] = target === true ? fromOrt(computed[name]!) : target;
    }
    return results;
  }

  async release(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }

  #view({ dtype, shape, data }: Tensor): ort.Tensor {
    let view = this.#views.get(data);
    if (view === undefined) {
      view = new ort.Tensor(dtype as 'float32', data as Float32Array, shape);
      this.#views.set(data, view);
    }
    return view;
  }
}

const nowhere = closedPort();

/**
 * Frees a buffer's memory at once, by transferring it to where nobody listens. onnxruntime-node 1.30 returns a copy of an
 * output even where it wrote into the given tensor; left to the garbage collector, the copies of a network's parameters
 * keep it so busy that a step takes twice as long.
 */
function discard(buffer: ArrayBuffer): void {
  nowhere.postMessage(null, [buffer]);
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

const fromOrt = ({ type, dims, data }: ort.Tensor): Tensor => ({
  dtype: type as DType,
  shape: dims,
  data: data as TypedArray,
});
