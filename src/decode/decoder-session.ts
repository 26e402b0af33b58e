import type { CaptionNetwork } from '../models/caption-network.js';
import { parametersNamed } from '../nn/parameters-named.js';
import type { Trace } from '../nn/trace.js';
import { leftOutOn, optimiseStep } from '../passes/optimise.js';
import { compileGraph } from '../runtime/compile.js';
import type { Feeds, Runtime, Session } from '../runtime/session.js';
import { repeatRows, takeRows } from '../tensor/stack.js';
import { type Tensor, type TensorType, tensor, zeros } from '../tensor/tensor.js';
import { stateNames, traceLook, traceSay } from './decoder-graphs.js';
import type { NextWords, WordSource } from './word-source.js';

export interface DecoderSessionOptions {
  /** The type of a batch of images (or of their features, where the network has no encoder): [images, …]. */
  readonly images: TensorType;
  /** Captions that are written of each image at once, side by side; 1 by default. */
  readonly rowsPerImage?: number;
}

/** A network compiled for writing captions: one graph that looks at images, and one that adds a word to every caption. */
export class DecoderSession implements AsyncDisposable {
  readonly images: number;
  readonly rows: number;
  readonly vocabulary: number;
  readonly #look: Compiled;
  readonly #say: Compiled;

  private constructor(network: CaptionNetwork, images: number, rows: number, look: Compiled, say: Compiled) {
    this.images = images;
    this.rows = rows;
    this.vocabulary = network.decoder.sizes.vocabulary;
    this.#look = look;
    this.#say = say;
  }

  /** @throws LegendaError when the images do not fit the network */
  static async compile(
    runtime: Runtime,
    network: CaptionNetwork,
    { images, rowsPerImage = 1 }: DecoderSessionOptions,
  ): Promise<DecoderSession> {
    const count = images.shape[0]!;
    const rows = count * rowsPerImage;
    const looking = traceLook(network, images);
    const saying = traceSay(network, looking, rows);
    const look = await Compiled.of(runtime, looking);
    try {
      return new DecoderSession(network, count, rows, look, await Compiled.of(runtime, saying));
    } catch (error) {
      await look.session.release();
      throw error;
    }
  }

  /**
   * Looks at a batch of images. One at a time: the next batch takes over the source's memory.
   * @param parameters by name; more may be there
   * @throws LegendaError when one is missing or of another type
   */
  async look(batch: Tensor, parameters: ReadonlyMap<string, Tensor>): Promise<WordSource> {
    const seen = await this.#look.session.run(
      { images: batch, ...this.#look.parameters(parameters) },
      this.#look.fetches,
    );
    const state = stateNames.map((name) => [name, repeatRows(seen[name]!, this.rows / this.images)] as const);
    const feeds = { ...seen, ...Object.fromEntries(state), ...this.#say.parameters(parameters) };
    return new SessionSource(this, this.#say, feeds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#look.session.release();
    await this.#say.session.release();
  }
}

class SessionSource implements WordSource {
  readonly rows: number;
  readonly vocabulary: number;
  readonly #say: Compiled;
  readonly #feeds: Feeds;
  readonly #words: Tensor;
  readonly #results: Readonly<Record<string, Tensor>>;
  #state: Readonly<Record<string, Tensor>>;
  #spare: Readonly<Record<string, Tensor>>;

  constructor({ rows, vocabulary }: DecoderSession, say: Compiled, feeds: Feeds) {
    this.rows = rows;
    this.vocabulary = vocabulary;
    this.#say = say;
    this.#feeds = feeds;
    this.#words = tensor('int64', [rows], new BigInt64Array(rows));
    this.#state = Object.fromEntries(stateNames.map((name) => [name, feeds[name]!]));
    this.#spare = Object.fromEntries(stateNames.map((name) => [name, zeros(feeds[name]!)]));
    const results = [...say.trace.graph.outputs].filter(([name]) => !name.startsWith('next/'));
    this.#results = Object.fromEntries(results.map(([name, type]) => [name, zeros(type)]));
  }

  async next(words: readonly number[], parents?: readonly number[]): Promise<NextWords> {
    if (parents?.some((parent, row) => parent !== row)) this.#reorder(parents);
    (this.#words.data as BigInt64Array).set(words.map(BigInt));
    const fetches = Object.fromEntries(stateNames.map((name) => [`next/${name}`, this.#spare[name]!]));
    const { session } = this.#say;
    await session.run({ ...this.#feeds, ...this.#state, words: this.#words }, { ...this.#results, ...fetches });
    [this.#state, this.#spare] = [this.#spare, this.#state];
    const { logProbabilities, attention } = this.#results;
    return {
      logProbabilities: logProbabilities!.data as Float32Array,
      ...(attention && { attention: attention.data as Float32Array }),
    };
  }

  #reorder(parents: readonly number[]): void {
    for (const name of stateNames) takeRows(this.#state[name]!, parents, this.#spare[name]!);
    [this.#state, this.#spare] = [this.#spare, this.#state];
  }
}

class Compiled {
  readonly session: Session;
  readonly trace: Trace;
  readonly fetches: Readonly<Record<string, true>>;

  private constructor(session: Session, trace: Trace) {
    this.session = session;
    this.trace = trace;
    this.fetches = Object.fromEntries([...trace.graph.outputs.keys()].map((name) => [name, true as const]));
  }

  static async of(runtime: Runtime, trace: Trace): Promise<Compiled> {
    // parameters are fed, so that products turn with them as in a training step
    const graph = optimiseStep(trace.graph, leftOutOn(runtime.device, runtime.threads));
    return new Compiled(await compileGraph(runtime, graph), trace);
  }

  /** Those that the graph uses. */
  parameters(given: ReadonlyMap<string, Tensor>): Record<string, Tensor> {
    return Object.fromEntries(parametersNamed(this.trace.parameters, given));
  }
}
