import type { Runtime, Session } from '../runtime/session.js';
import { repeatRows, takeRows } from '../tensor/stack.js';
import { type Tensor, tensor, zeros } from '../tensor/tensor.js';
import { stateNames } from './decoder-graphs.js';
import type { NextWords, WordSource } from './word-source.js';

/** The two files of an exported captioner (`legenda export`): run once an image, and once a word. */
export interface CaptionerFiles {
  readonly look: Uint8Array;
  readonly say: Uint8Array;
}

/** An exported captioner on any runtime: what writes captions in a browser as in Node. */
export class OnnxCaptioner implements AsyncDisposable {
  readonly #look: Session;
  readonly #say: Session;
  readonly #vocabulary: number;

  private constructor(look: Session, say: Session, vocabulary: number) {
    this.#look = look;
    this.#say = say;
    this.#vocabulary = vocabulary;
  }

  /**
   * @param vocabulary words that it knows, as its `captioner.json` lists them
   * @throws LegendaError when the runtime refuses one of the files
   */
  static async open(runtime: Runtime, { look, say }: CaptionerFiles, vocabulary: number): Promise<OnnxCaptioner> {
    const looking = await runtime.compile(look);
    try {
      return new OnnxCaptioner(looking, await runtime.compile(say), vocabulary);
    } catch (error) {
      await looking.release();
      throw error;
    }
  }

  /**
   * Looks at an image.
   * @param pixels [3, side, side], as the captioner's `captioner.json` says
   * @param rows captions that are written of it at once, from 1: as many as a beam holds
   */
  async look(pixels: Float32Array, side: number, rows = 1): Promise<WordSource> {
    const fetches = Object.fromEntries(this.#look.outputNames.map((name) => [name, true as const]));
    const seen = await this.#look.run({ images: tensor('float32', [1, 3, side, side], pixels) }, fetches);
    const repeated = Object.fromEntries(Object.entries(seen).map(([name, value]) => [name, repeatRows(value, rows)]));
    return new OnnxSource(this.#say, repeated, rows, this.#vocabulary);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#look.release();
    await this.#say.release();
  }
}

class OnnxSource implements WordSource {
  readonly rows: number;
  readonly vocabulary: number;
  readonly #say: Session;
  #feeds: Record<string, Tensor>;

  constructor(say: Session, seen: Record<string, Tensor>, rows: number, vocabulary: number) {
    this.#say = say;
    // what a decoder that does not look has no use for
    this.#feeds = Object.fromEntries(Object.entries(seen).filter(([name]) => say.inputNames.includes(name)));
    this.rows = rows;
    this.vocabulary = vocabulary;
  }

  async next(words: readonly number[], parents?: readonly number[]): Promise<NextWords> {
    const state = stateNames.map((name) => [name, rowsOf(this.#feeds[name]!, parents)] as const);
    const feeds = { ...this.#feeds, ...Object.fromEntries(state) };
    const said = tensor('int64', [this.rows], BigInt64Array.from(words, BigInt));
    const fetches = Object.fromEntries(this.#say.outputNames.map((name) => [name, true as const]));
    const results = await this.#say.run({ ...feeds, words: said }, fetches);
    for (const name of stateNames) feeds[name] = results[`next/${name}`]!;
    this.#feeds = feeds;
    const { logProbabilities, attention } = results;
    return {
      logProbabilities: logProbabilities!.data as Float32Array,
      ...(attention && { attention: attention.data as Float32Array }),
    };
  }
}

/** The rows that others go on from. */
function rowsOf(value: Tensor, parents: readonly number[] | undefined): Tensor {
  if (parents === undefined || parents.every((parent, row) => parent === row)) return value;
  const taken = zeros(value);
  takeRows(value, parents, taken);
  return taken;
}
