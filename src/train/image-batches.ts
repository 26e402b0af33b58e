import { sizeOf } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { ShownImages } from './captioner.js';

export interface ImageBatch {
  /** [size, …]; overwritten by the next. */
  readonly batch: Tensor;
  /** How many of the images came before. */
  readonly from: number;
  /** How many there are: the last batch is filled up. */
  readonly count: number;
}

/** Images in batches of one size. @param indices which, at least one */
export async function* imageBatches(
  images: ShownImages,
  indices: readonly number[],
  size: number,
): AsyncGenerator<ImageBatch> {
  const batch = imageTensor(size, images);
  for (let from = 0; from < indices.length; from += size) {
    const some = indices.slice(from, from + size);
    const filled = [...some, ...Array<number>(size - some.length).fill(some[0]!)];
    await images.fill(filled, batch.data as Float32Array);
    yield { batch, from, count: some.length };
  }
}

/** For so many images. */
export const imageTensor = (count: number, { shape }: ShownImages): Tensor =>
  tensor('float32', [count, ...shape], new Float32Array(count * sizeOf(shape)));
