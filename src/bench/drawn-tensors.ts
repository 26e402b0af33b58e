import { UsageError } from '../errors.js';
import { fillUniform, integer, stream, uniform } from '../tensor/random.js';
import { type Shape, sizeOf } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

/** Of all that is drawn: the same data every time. */
export const seed = 1;

/** Bytes. */
const largestBatch = 2 ** 31;

/** Numbers in [0, 1). @throws UsageError when they are more than a batch may be */
export function drawUniform(name: string, shape: Shape): Tensor {
  const bytes = 4 * sizeOf(shape);
  if (bytes > largestBatch)
    throw new UsageError(`${name} of ${shape.join('×')} take ${bytes} bytes, at most ${largestBatch} are accepted`);
  return tensor('float32', shape, fillUniform(stream(seed, name), new Float32Array(sizeOf(shape)), 0, 1));
}

/** Whole numbers from `low` to `high`, both included. */
export function drawWhole(name: string, count: number, low: number, high: number): Tensor {
  const random = stream(seed, name);
  return tensor(
    'int64',
    [count],
    BigInt64Array.from({ length: count }, () => BigInt(integer(random, low, high))),
  );
}

/** Which of so many words are the decoder’s own. @param rate probability of each */
export function drawOwn(count: number, rate: number): Tensor {
  const random = stream(seed, 'own');
  return tensor(
    'bool',
    [count],
    Uint8Array.from({ length: count }, () => Number(uniform(random) < rate)),
  );
}
