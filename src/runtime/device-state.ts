import type * as ort from 'onnxruntime-common';
import { Graph } from '../graph/graph.js';
import { writeOnnx } from '../onnx/write.js';
import { identity } from '../ops/build.js';
import { ops } from '../ops/table.js';
import type { Tensor } from '../tensor/tensor.js';
import { createSession } from './ort-session.js';
import { copyInto, fromOrt, type Ort, Views } from './ort-tensor.js';
import type { Feeds, StatefulSession, StateInput } from './session.js';

type Values = Record<string, ort.Tensor>;

/**
 * State in a graphics processor's memory. What a run leaves there is fed to the next run; memory of what it replaces is
 * given back at once. Values cross by sessions that copy them: not every platform's tensors can be read from there.
 */
export class DeviceState implements StatefulSession {
  readonly #ort: Ort;
  readonly #options: ort.InferenceSession.SessionOptions;
  readonly #session: ort.InferenceSession;
  readonly #views: Views;
  readonly #state: readonly StateInput[];
  /** Outputs that are next values. */
  readonly #next: readonly string[];
  /** Has what the state was at first: its memory goes with it. */
  readonly #upload: ort.InferenceSession;
  #current: Values;
  #download: Promise<ort.InferenceSession> | undefined;
  #isReleased = false;

  private constructor(
    module: Ort,
    options: ort.InferenceSession.SessionOptions,
    session: ort.InferenceSession,
    state: readonly StateInput[],
    first: { readonly session: ort.InferenceSession; readonly values: Values },
  ) {
    this.#ort = module;
    this.#options = options;
    this.#session = session;
    this.#views = new Views(module);
    this.#state = state;
    this.#next = nextOf(state);
    this.#upload = first.session;
    this.#current = first.values;
  }

  /** @throws LegendaError when ONNX Runtime refuses the model */
  static async create(
    module: Ort,
    model: Uint8Array,
    state: readonly StateInput[],
    options: ort.InferenceSession.SessionOptions,
  ): Promise<DeviceState> {
    const stays = { preferredOutputLocation: onDevice(nextOf(state)) };
    const session = await createSession(module, model, { ...options, ...stays });
    try {
      return new DeviceState(module, options, session, state, await upload(module, state, options));
    } catch (error) {
      await module.turn(() => session.release());
      throw error;
    }
  }

  async run(feeds: Feeds, fetches: Readonly<Record<string, Tensor>>): Promise<void> {
    const fed: Values = { ...this.#current };
    for (const name in feeds) fed[name] = this.#views.of(feeds[name]!);
    const wanted = [...Object.keys(fetches), ...this.#next];
    const computed = await this.#ort.turn(() => this.#session.run(fed, wanted));
    for (const name in fetches) copyInto(fetches[name]!, computed[name]!);
    for (const { name, next } of this.#state) {
      if (next === undefined) continue;
      this.#current[name]!.dispose();
      this.#current[name] = computed[next]!;
    }
  }

  async read(): Promise<ReadonlyMap<string, Tensor>> {
    this.#download ??= createSession(this.#ort, copying(this.#state), this.#options);
    const download = await this.#download;
    const copies = await this.#ort.turn(() => download.run(this.#current));
    return new Map(this.#state.map(({ name }) => [name, fromOrt(copies[copyName(name)]!)]));
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    for (const value of Object.values(this.#current)) value.dispose();
    this.#session.endProfiling();
    for (const session of [await this.#download, this.#upload, this.#session])
      await this.#ort.turn(async () => session?.release());
  }
}

const nextOf = (state: readonly StateInput[]): string[] =>
  state.flatMap(({ next }) => (next === undefined ? [] : [next]));

const copyName = (name: string): string => `copy/${name}`;

const onDevice = (outputs: readonly string[]): Record<string, 'gpu-buffer'> =>
  Object.fromEntries(outputs.map((name) => [name, 'gpu-buffer' as const]));

async function upload(
  module: Ort,
  state: readonly StateInput[],
  options: ort.InferenceSession.SessionOptions,
): Promise<{ session: ort.InferenceSession; values: Values }> {
  const views = new Views(module);
  const session = await createSession(module, copying(state), {
    ...options,
    preferredOutputLocation: onDevice(state.map(({ name }) => copyName(name))),
  });
  const copies = await module.turn(() =>
    session.run(Object.fromEntries(state.map(({ name, value }) => [name, views.of(value)]))),
  );
  return { session, values: Object.fromEntries(state.map(({ name }) => [name, copies[copyName(name)]!])) };
}

/** A model that copies its inputs. */
function copying(state: readonly StateInput[]): Uint8Array {
  const graph = new Graph(ops);
  for (const { name, value } of state) graph.output(copyName(name), identity(graph.input(name, value)));
  return writeOnnx(graph);
}
