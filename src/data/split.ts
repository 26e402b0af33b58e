import { UsageError } from '../errors.js';
import { permutation, stream } from '../tensor/random.js';

/**
 * Disjoint random parts of 0 … count-1, the same for the same seed; what the sizes leave over is in none.
 *
 * @param sizes for example `[50_000, 10_000]` for training and validation
 * @throws UsageError when a size is not a whole number from 0, or the sizes add up to more than `count`
 */
export function splitIndices(count: number, sizes: readonly number[], seed: number): Uint32Array[] {
  const wrong = sizes.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined) throw new UsageError(`split sizes must be whole numbers from 0, got ${wrong}`);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > count) {
    throw new UsageError(`a split into ${sizes.join(' + ')} needs ${total} examples, there are ${count}`);
  }
  const order = permutation(stream(seed, 'split'), count);
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return order.slice(start - size, start);
  });
}
