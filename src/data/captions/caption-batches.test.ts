import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketLengths } from './buckets.js';
import { CaptionBatches, type TaughtCaption } from './caption-batches.js';

const stepsWith = (lengths: readonly number[], buckets: readonly number[]) =>
  lengths.reduce((sum, length) => sum + buckets.find((longest) => length <= longest)!, 0);

/** Every choice of at most `count` of the values with the last among them. */
function* choices(values: readonly number[], count: number): Generator<number[]> {
  for (let mask = 0; mask < 2 ** (values.length - 1); mask++) {
    const chosen = values.filter((_, i) => i === values.length - 1 || mask & (1 << i));
    if (chosen.length <= count) yield chosen;
  }
}

it('finds the lengths that fill up least', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      (lengths, count) => {
        const distinct = [...new Set(lengths)].sort((a, b) => a - b);
        const found = bucketLengths(lengths, count);
        expect(found.length).toBeLessThanOrEqual(count);
        expect(found.at(-1)).toBe(Math.max(...lengths));
        const least = Math.min(...[...choices(distinct, count)].map((chosen) => stepsWith(lengths, chosen)));
        expect(stepsWith(lengths, found)).toBe(least);
      },
    ),
  );
});

describe('batches of captions', () => {
  const captions: TaughtCaption[] = Array.from({ length: 41 }, (_, i) => ({
    image: Math.floor(i / 5),
    words: Array.from({ length: 1 + ((i * 7) % 9) }, (_, k) => 4 + ((i + k) % 13)),
  }));
  const make = (seed: number, batchSize = 8, buckets = 3) => new CaptionBatches(captions, { batchSize, buckets, seed });

  /** The captions that a batch teaches. */
  function taught(source: CaptionBatches, epoch: number, index: number, batchSize = 8): TaughtCaption[] {
    const { images, words, targets } = source.batch(epoch, index);
    const { batchSizes } = source;
    const offsets = batchSizes.map((_, step) => batchSizes.slice(0, step).reduce((sum, rows) => sum + rows, 0));
    expect(words).toHaveLength(offsets.at(-1)! + batchSizes.at(-1)!);
    expect(images).toHaveLength(batchSize);
    const read: TaughtCaption[] = [];
    for (let row = 0; row < batchSize; row++) {
      const steps = batchSizes.filter((rows) => rows > row).length;
      const column = (values: BigInt64Array) => offsets.slice(0, steps).map((offset) => Number(values[offset + row]));
      if (column(words)[0] === 0) {
        expect([...column(words), ...column(targets), images[row]]).toEqual(Array(2 * steps + 1).fill(0));
        continue;
      }
      const said = column(targets).slice(0, column(targets).indexOf(2));
      expect(column(words).slice(0, said.length + 1)).toEqual([1, ...said]);
      expect(column(words).slice(said.length + 1)).toEqual(Array(steps - said.length - 1).fill(0));
      read.push({ image: images[row]!, words: said });
    }
    return read;
  }

  it('teach every caption once an epoch, in another order each time, with few steps too many', () => {
    const source = make(1);
    const everything = (epoch: number) =>
      Array.from({ length: source.batches }, (_, index) => taught(source, epoch, index)).flat();
    const sorted = (list: TaughtCaption[]) => list.map((caption) => JSON.stringify(caption)).sort();
    expect(sorted(everything(0))).toEqual(sorted(captions));
    expect(sorted(everything(1))).toEqual(sorted(captions));
    expect(everything(0)).not.toEqual(everything(1));
    expect(() => source.batch(0, source.batches)).toThrow('there are 6 batches, 6 was asked for');
    const words = captions.reduce((sum, caption) => sum + caption.words.length + 1, 0);
    expect(source.words * source.batches).toBeCloseTo(words, 9);
  });

  it('have all lengths in each, the longest first, in the few lengths that fill up least', () => {
    const { batchSizes } = make(1, 8, 3);
    expect(batchSizes[0]).toBe(8);
    expect(batchSizes).toEqual([...batchSizes].sort((a, b) => b - a));
    expect(batchSizes).toHaveLength(10);
    expect(new Set(batchSizes).size).toBe(3);
    expect(new Set(make(1, 8, 1).batchSizes)).toEqual(new Set([8]));
    const steps = (buckets: number) => make(1, 8, buckets).batchSizes.reduce((sum, rows) => sum + rows, 0);
    expect(steps(3)).toBeLessThan(steps(2));
    expect(steps(2)).toBeLessThan(steps(1));
  });

  it('teach every caption once an epoch, however many there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (lengths, batchSize, buckets) => {
          const some = lengths.map((length, image) => ({ image, words: Array.from({ length }, (_, k) => 4 + k) }));
          const source = new CaptionBatches(some, { batchSize, buckets, seed: 1 });
          expect(source.batches).toBe(Math.ceil(some.length / batchSize));
          const read = Array.from({ length: source.batches }, (_, index) => taught(source, 0, index, batchSize)).flat();
          expect(read.sort((a, b) => a.image - b.image)).toEqual(some);
        },
      ),
    );
  });

  it('are a function of seed, epoch and number alone', () => {
    const [one, other] = [make(5), make(5)];
    other.batch(3, 0);
    expect(other.batch(2, 1)).toEqual(one.batch(2, 1));
    expect(make(6).batch(2, 1)).not.toEqual(one.batch(2, 1));
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize: a whole number from 1 is expected, 0 came'],
    [{ buckets: 1.5 }, 'buckets: a whole number from 1 is expected, 1.5 came'],
  ])('refuse %o', (options, message) => {
    expect(() => new CaptionBatches(captions, { batchSize: 2, buckets: 2, seed: 1, ...options })).toThrow(message);
    expect(() => new CaptionBatches([], { batchSize: 2, buckets: 2, seed: 1 })).toThrow('there is no caption');
  });
});
