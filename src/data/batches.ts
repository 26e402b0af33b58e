import { UsageError } from '../errors.js';
import { permutation, type Stream, stream } from '../tensor/random.js';
import { type Augmentation, type Change, checkAugmentation, drawChange } from './augment.js';
import { checkLabels, type LabelledImages } from './dataset.js';
import { ImageWriter } from './image-writer.js';
import type { PixelMap } from './pixels.js';

/** Where a batch is written: [batch, channels, height, width] and [batch], owned by the caller and used again. */
export interface BatchBuffers {
  readonly pixels: Float32Array;
  readonly labels: BigInt64Array;
}

export interface BatchOptions {
  readonly batchSize: number;
  /** Which images, all by default. */
  readonly indices?: Uint32Array;
  readonly map?: PixelMap;
  /** How many classes there are: labels that are none are refused. A loss would pass over them in silence. */
  readonly classes?: number;
}

export interface TrainingBatchOptions extends BatchOptions {
  readonly seed: number;
  readonly augment?: Augmentation;
}

/**
 * Batches for training: every epoch in an order of its own, and what does not fill a batch at an epoch's end left out of
 * that epoch. Order and augmentation are functions of seed, epoch and batch alone, so that a run resumes anywhere exactly.
 */
export class BatchSource {
  readonly batchSize: number;
  /** Batches an epoch. */
  readonly batches: number;
  readonly #writer: ImageWriter;
  readonly #indices: Uint32Array;
  readonly #seed: number;
  readonly #augment: Augmentation | undefined;
  #epoch = -1;
  #order = new Uint32Array();

  /**
   * @throws UsageError when the batch size is not from 1 to the number of images, or a setting is out of range
   * @throws LegendaError when a label is no class, or there are not as many pixels and labels as the images say
   */
  constructor(images: LabelledImages, options: TrainingBatchOptions) {
    const { batchSize, seed, augment } = options;
    this.#indices = checkBatches(images, options);
    if (batchSize > this.#indices.length) {
      throw new UsageError(`batch size ${batchSize} is larger than the ${this.#indices.length} training images`);
    }
    if (augment) checkAugmentation(augment, images.height, images.width);
    this.#writer = new ImageWriter(images, options.map);
    this.#seed = seed;
    this.#augment = augment;
    this.batchSize = batchSize;
    this.batches = Math.floor(this.#indices.length / batchSize);
  }

  /**
   * Writes batch `batch` (from 0) of epoch `epoch` into the buffers.
   * @throws UsageError when there is no such batch or epoch, or a buffer is not of the batch's size
   */
  fill(epoch: number, batch: number, { pixels, labels }: BatchBuffers): void {
    const { batchSize } = this;
    if (!Number.isInteger(batch) || batch < 0 || batch >= this.batches) {
      throw new UsageError(`there is no batch ${batch} in an epoch of ${this.batches}`);
    }
    if (!Number.isInteger(epoch) || epoch < 0) throw new UsageError(`an epoch from 0 is expected, ${epoch} came`);
    this.#writer.check(batchSize, pixels, labels);
    const order = this.#orderOf(epoch);
    const random = this.#augment && stream(this.#seed, 'augment', epoch, batch);
    for (let i = 0; i < batchSize; i++) {
      this.#writer.write(order[batch * batchSize + i]!, i, pixels, labels, this.#draw(random));
    }
  }

  #draw(random: Stream | undefined): Change | undefined {
    const { height, width } = this.#writer.images;
    return random && this.#augment && drawChange(random, this.#augment, height, width);
  }

  #orderOf(epoch: number): Uint32Array {
    if (epoch !== this.#epoch) {
      const shuffled = permutation(stream(this.#seed, 'shuffle', epoch), this.#indices.length);
      this.#order = shuffled.map((position) => this.#indices[position]!);
      this.#epoch = epoch;
    }
    return this.#order;
  }
}

export interface EvaluationBatch extends BatchBuffers {
  /** How many of the batch's images are real. */
  readonly count: number;
}

/**
 * Every image once, in order. The last batch is filled up with images of zeros and class 0: only the first `count` are real.
 * All batches share the buffers that are given (or made once), so use one before asking for the next.
 *
 * @throws UsageError when the batch size is not a whole number from 1, or a buffer is not of the batch's size
 * @throws LegendaError when a label is no class
 */
export function evaluationBatches(
  images: LabelledImages,
  options: BatchOptions,
  buffers?: BatchBuffers,
): Iterable<EvaluationBatch> {
  const { batchSize } = options;
  const indices = checkBatches(images, options);
  const writer = new ImageWriter(images, options.map);
  const pixels = buffers?.pixels ?? new Float32Array(batchSize * writer.size);
  const labels = buffers?.labels ?? new BigInt64Array(batchSize);
  writer.check(batchSize, pixels, labels);
  return inOrder(writer, indices, batchSize, { pixels, labels });
}

function* inOrder(
  writer: ImageWriter,
  indices: Uint32Array,
  batchSize: number,
  { pixels, labels }: BatchBuffers,
): Generator<EvaluationBatch> {
  for (let start = 0; start < indices.length; start += batchSize) {
    const count = Math.min(batchSize, indices.length - start);
    for (let i = 0; i < count; i++) writer.write(indices[start + i]!, i, pixels, labels);
    if (count < batchSize) {
      pixels.fill(0, count * writer.size);
      labels.fill(0n, count);
    }
    yield { pixels, labels, count };
  }
}

function checkBatches(images: LabelledImages, { batchSize, indices, classes }: BatchOptions): Uint32Array {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new UsageError(`batch size must be a whole number from 1, got ${batchSize}`);
  }
  const wrong = indices?.find((index) => index >= images.count);
  if (wrong !== undefined) throw new UsageError(`there is no image ${wrong}, there are ${images.count}`);
  if (classes !== undefined) checkLabels(images, classes);
  return indices ?? Uint32Array.from({ length: images.count }, (_, i) => i);
}
