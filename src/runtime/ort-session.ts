import type * as ort from 'onnxruntime-common';
import { LegendaError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { copyInto, fromOrt, type Ort, Views } from './ort-tensor.js';
import type { Feeds, Fetches, Session } from './session.js';

/**
 * Computes some of a session's outputs: into the given tensors' memory where the platform can write there, where they are null
 * into new memory. What it returns is all of them; nothing, when all are where they were wanted.
 */
export type Compute = (
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor | null>>,
) => Promise<Readonly<Record<string, ort.Tensor>> | undefined>;

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
  readonly outputNames: readonly string[];
  readonly #ort: Ort;
  readonly #session: ort.InferenceSession;
  readonly #views: Views;
  readonly #compute: Compute;
  readonly #outputs: ReadonlySet<string>;
  #isReleased = false;

  constructor(module: Ort, session: ort.InferenceSession, outputNames: readonly string[], compute: Compute) {
    this.#ort = module;
    this.#session = session;
    this.#views = new Views(module);
    this.outputNames = outputNames;
    this.#outputs = new Set(outputNames);
    this.#compute = compute;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  async run(feeds: Feeds, fetches: Fetches): Promise<Record<string, Tensor>> {
    if (this.#isReleased) throw new LegendaError('the session was released: it computes nothing any more');
    const fed: Record<string, ort.Tensor> = {};
    for (const name in feeds) fed[name] = this.#views.of(feeds[name]!);
    const wanted: Record<string, ort.Tensor | null> = {};
    for (const name in fetches) {
      if (!this.#outputs.has(name))
        throw new LegendaError(`the model has no output "${name}", only ${this.outputNames.join(', ')}`);
      const target = fetches[name]!;
      wanted[name] = target === true ? null : this.#views.of(target);
    }
    const computed = await this.#ort.turn(() => this.#compute(this.#session, fed, wanted));
    const results: Record<string, Tensor> = {};
    for (const name in fetches) {
      const target = fetches[name]!;
      if (target !== true && computed !== undefined) copyInto(target, computed[name]!);
      // an output that is an input is handed on, not written
      else if (target !== true && fed[name] !== undefined) copyInto(target, fed[name]);
      results[name] = target === true ? fromOrt(computed![name]!) : target;
    }
    return results;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#session.endProfiling();
    await this.#ort.turn(() => this.#session.release());
  }
}
