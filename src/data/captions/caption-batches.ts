import { UsageError } from '../../errors.js';
import { permutation, stream } from '../../tensor/random.js';
import { end, pad, start } from '../../text/vocabulary.js';
import { bucketLengths } from './buckets.js';

/** A caption to be taught. */
export interface TaughtCaption {
  /** Index of its image. */
  readonly image: number;
  /** Its words by number, without start and end. */
  readonly words: readonly number[];
}

export interface CaptionBatchOptions {
  /** Captions of a batch, from 1. */
  readonly batchSize: number;
  /** How many lengths the rows of a batch come in, from 1. */
  readonly buckets: number;
  readonly seed: number;
}

/**
 * A batch, packed as PyTorch's PackedSequence: step by step, in each step the rows whose captions go on. P is the sum of
 * `batchSizes`.
 */
export interface CaptionBatch {
  /** By row, the index of its image. */
  readonly images: Uint32Array;
  /** [P]: the word before; filled up with `<pad>`. */
  readonly words: BigInt64Array;
  /** [P]: the word to say; filled up with `<pad>`. */
  readonly targets: BigInt64Array;
}

/**
 * Captions in batches that all have the same form, so that one compiled step is for all of them: sorted by length and cut into as
 * many parts as a batch has rows, each row gets one of its own part, the longest first. Every epoch has each caption once,
 * in an order of its own. Where a part has fewer captions the last batch's row says nothing and shows the first image. A
 * function of seed, epoch and batch alone.
 */
export class CaptionBatches {
  /** Rows that each step has, never rising: the first has all. */
  readonly batchSizes: readonly number[];
  /** Batches an epoch. */
  readonly batches: number;
  /** Words that a batch has to say on average, ends among them. */
  readonly words: number;
  readonly #captions: readonly TaughtCaption[];
  /** By row, its captions. */
  readonly #parts: readonly (readonly number[])[];
  readonly #seed: number;
  #epoch = -1;
  #orders: readonly Uint32Array[] = [];

  /** @throws UsageError when there is no caption, or the batch size or the number of buckets is not a whole number from 1 */
  constructor(captions: readonly TaughtCaption[], { batchSize, buckets, seed }: CaptionBatchOptions) {
    for (const [name, value] of Object.entries({ batchSize, buckets })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new UsageError(`${name}: a whole number from 1 is expected, ${value} came`);
    }
    if (captions.length === 0) throw new UsageError('there is no caption to learn from');
    const steps = captions.map(({ words }) => words.length + 1);
    const sorted = [...captions.keys()].sort((a, b) => steps[b]! - steps[a]! || a - b);
    const cut = (row: number): number => Math.round((row * sorted.length) / batchSize);
    this.#captions = captions;
    this.#seed = seed;
    this.#parts = Array.from({ length: batchSize }, (_, row) => sorted.slice(cut(row), cut(row + 1)));
    this.batches = Math.max(...this.#parts.map(({ length }) => length));
    this.words = steps.reduce((sum, length) => sum + length, 0) / this.batches;
    this.batchSizes = batchSizesOf(longestOf(this.#parts, steps), buckets);
  }

  /** Batch `batch` of epoch `epoch`, both from 0. @throws RangeError when there are fewer */
  batch(epoch: number, batch: number): CaptionBatch {
    if (batch >= this.batches) throw new RangeError(`there are ${this.batches} batches, ${batch} was asked for`);
    if (epoch !== this.#epoch) {
      this.#orders = this.#parts.map(({ length }, row) =>
        permutation(stream(this.#seed, 'shuffle', epoch, row), length),
      );
      this.#epoch = epoch;
    }
    const { batchSizes } = this;
    const size = batchSizes.reduce((sum, rows) => sum + rows, 0);
    const words = new BigInt64Array(size).fill(BigInt(pad));
    const targets = new BigInt64Array(size).fill(BigInt(pad));
    const images = new Uint32Array(this.#parts.length);
    for (const [row, part] of this.#parts.entries()) {
      const caption = this.#captions[part[this.#orders[row]![batch]!]!];
      if (caption === undefined) continue;
      images[row] = caption.image;
      const [before, said] = [
        [start, ...caption.words],
        [...caption.words, end],
      ];
      let at = row;
      for (const [step, word] of said.entries()) {
        words[at] = BigInt(before[step]!);
        targets[at] = BigInt(word);
        at += batchSizes[step]!;
      }
    }
    return { images, words, targets };
  }
}

/** Steps that each row needs; a row without captions needs those of the next. */
function longestOf(parts: readonly (readonly number[])[], steps: readonly number[]): number[] {
  const longest: number[] = [];
  for (const [first] of [...parts].reverse()) longest.unshift(first === undefined ? (longest[0] ?? 1) : steps[first]!);
  return longest;
}

/** Rows of each step, where rows come in few lengths. @param lengths of the rows, the longest first */
function batchSizesOf(lengths: readonly number[], buckets: number): number[] {
  const few = bucketLengths(lengths, buckets);
  const filled = lengths.map((length) => few.find((longest) => length <= longest)!);
  return Array.from({ length: filled[0]! }, (_, step) => filled.filter((length) => length > step).length);
}
