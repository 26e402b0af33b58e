import type * as ort from 'onnxruntime-common';
import { LegendaError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { fromOrt, type Ort, Views } from './ort-tensor.js';
import type { Feeds, Fetches, Session } from './session.js';

/** How a platform's ONNX Runtime gives back an output that was wanted in given memory. */
export type Deliver = (target: Tensor, computed: ort.Tensor) => void;

/** @throws LegendaError when ONNX Runtime refuses the model */
export async function createSession(
  { InferenceSession, turn }: Ort,
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await turn(() => InferenceSession.create(model, options));
  } catch (error) {
    throw new LegendaError(`ONNX Runtime refuses the model: ${(error as Error).message}`, { cause: error });
  }
}

/** A session whose inputs and outputs are in the host's memory. */
export class OrtSession implements Session {
  readonly #ort: Ort;
  readonly #session: ort.InferenceSession;
  readonly #views: Views;
  readonly #writesInto: boolean;
  readonly #deliver: Deliver;

  /**
   * @param writesInto whether given memory is handed to ONNX Runtime
   * @param deliver called for each output that was wanted in given memory
   */
  constructor(module: Ort, session: ort.InferenceSession, writesInto: boolean, deliver: Deliver) {
    this.#ort = module;
    this.#session = session;
    this.#views = new Views(module);
    this.#writesInto = writesInto;
    this.#deliver = deliver;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Feeds, fetches: Fetches): Promise<Record<string, Tensor>> {
    const fed: Record<string, ort.Tensor> = {};
    for (const name in feeds) fed[name] = this.#views.of(feeds[name]!);
    const wanted: Record<string, ort.Tensor | null> = {};
    for (const name in fetches) {
      const target = fetches[name]!;
      wanted[name] = target === true || !this.#writesInto ? null : this.#views.of(target);
    }
    const computed = await this.#ort.turn(() => this.#session.run(fed, wanted));
    const results: Record<string, Tensor> = {};
    for (const name in fetches) {
      const target = fetches[name]!;
      if (target !== true) this.#deliver(target, computed[name]!);
      results[name] = target === true ? fromOrt(computed[name]!) : target;
    }
    return results;
  }

  async release(): Promise<void> {
    this.#session.endProfiling();
    await this.#ort.turn(() => this.#session.release());
  }
}
