import { type Shape, sizeOf } from '../tensor/shape.js';
import { firstOf } from '../tensor/stack.js';
import { type Tensor, zeros } from '../tensor/tensor.js';
import type { BatchBuffers } from './batches.js';

interface BatchTensors extends Readonly<Record<string, Tensor>> {
  /** [batches, N, C, H, W]. */
  readonly pixels: Tensor;
  /** [batches, N]. */
  readonly labels: Tensor;
}

/** Memory for several batches of labelled images, one after the other, used again and again: see `TrainingStep.runSeveral`. */
export class SeveralBatches {
  readonly #batches: readonly BatchBuffers[];
  readonly #first: readonly BatchTensors[];

  /** @param image channels, height and width of one */
  constructor(most: number, batchSize: number, image: Shape) {
    const pixels = zeros({ dtype: 'float32', shape: [most, batchSize, ...image] });
    const labels = zeros({ dtype: 'int64', shape: [most, batchSize] });
    const size = batchSize * sizeOf(image);
    this.#batches = Array.from({ length: most }, (_, i) => ({
      pixels: (pixels.data as Float32Array).subarray(i * size, (i + 1) * size),
      labels: (labels.data as BigInt64Array).subarray(i * batchSize, (i + 1) * batchSize),
    }));
    this.#first = this.#batches.map((_, i) => ({ pixels: firstOf(pixels, i + 1), labels: firstOf(labels, i + 1) }));
  }

  /** Where a batch is written. @param index from 0 */
  at(index: number): BatchBuffers {
    return this.#batches[index]!;
  }

  /** The first batches, as a step's inputs. @param count from 1 */
  first(count: number): BatchTensors {
    return this.#first[count - 1]!;
  }
}
