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
  readonly batchSize: number;
  /** How many lengths batches come in, from 1. */
  readonly buckets: number;
  readonly seed: number;
}

export interface CaptionBatch {
  /** Index of the batch's length among `lengths`. */
  readonly bucket: number;
  /** By row, the index of its image. */
  readonly images: Uint32Array;
  /** [T, rows]: the word before; filled up with `<pad>`. */
  readonly words: BigInt64Array;
  /** [T, rows]: the word to say; filled up with `<pad>`. */
  readonly targets: BigInt64Array;
}

/**
 * Captions in batches of like length: every epoch each caption once, in an order of its own. The last batch of each length
 * may have fewer captions; its other rows say nothing and show the first image. A function of seed, epoch and batch alone.
 */
export class CaptionBatches {
  /** Steps of a batch, by bucket, rising: the longest caption of each with its end. */
  readonly lengths: readonly number[];
  /** Batches an epoch. */
  readonly batches: number;
  /** Words that a batch has to say on average, ends among them. */
  readonly words: number;
  readonly #captions: readonly TaughtCaption[];
  readonly #options: CaptionBatchOptions;
  readonly #bucketOf: readonly number[];
  #epoch = -1;
  #plan: readonly (readonly number[])[] = [];

  /** @throws UsageError when there is no caption, or the batch size or the number of buckets is not a whole number from 1 */
  constructor(captions: readonly TaughtCaption[], options: CaptionBatchOptions) {
    const { batchSize, buckets } = options;
    for (const [name, value] of Object.entries({ batchSize, buckets })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new UsageError(`${name}: a whole number from 1 is expected, ${value} came`);
    }
    if (captions.length === 0) throw new UsageError('there is no caption to learn from');
    const steps = captions.map(({ words }) => words.length + 1);
    this.#captions = captions;
    this.#options = options;
    this.lengths = bucketLengths(steps, buckets);
    this.#bucketOf = steps.map((length) => this.lengths.findIndex((longest) => length <= longest));
    this.batches = this.lengths.reduce((sum, _, bucket) => {
      const own = this.#bucketOf.filter((other) => other === bucket).length;
      return sum + Math.ceil(own / batchSize);
    }, 0);
    this.words = steps.reduce((sum, length) => sum + length, 0) / this.batches;
  }

  /** Batch `batch` of epoch `epoch`, both from 0. */
  batch(epoch: number, batch: number): CaptionBatch {
    if (epoch !== this.#epoch) {
      this.#plan = this.#planOf(epoch);
      this.#epoch = epoch;
    }
    const members = this.#plan[batch]!;
    const { batchSize } = this.#options;
    const bucket = this.#bucketOf[members[0]!]!;
    const size = this.lengths[bucket]! * batchSize;
    const words = new BigInt64Array(size).fill(BigInt(pad));
    const targets = new BigInt64Array(size).fill(BigInt(pad));
    const images = new Uint32Array(batchSize);
    for (const [row, member] of members.entries()) {
      const caption = this.#captions[member]!;
      images[row] = caption.image;
      for (const [step, word] of [start, ...caption.words].entries()) words[step * batchSize + row] = BigInt(word);
      for (const [step, word] of [...caption.words, end].entries()) targets[step * batchSize + row] = BigInt(word);
    }
    return { bucket, images, words, targets };
  }

  /** By batch, the indices of its captions. */
  #planOf(epoch: number): number[][] {
    const { seed, batchSize } = this.#options;
    const plan: number[][] = [];
    const open: number[][] = this.lengths.map(() => []);
    for (const index of permutation(stream(seed, 'shuffle', epoch), this.#captions.length)) {
      const bucket = this.#bucketOf[index]!;
      const members = open[bucket]!;
      members.push(index);
      if (members.length < batchSize) continue;
      plan.push(members);
      open[bucket] = [];
    }
    return [...plan, ...open.filter((members) => members.length > 0)];
  }
}
