import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { BatchSource, evaluationBatches, type TrainingBatchOptions } from './batches.js';
import type { LabelledImages } from './dataset.js';

/** Image i has label i and the pixels 10 i, 10 i + 1, …, so that a batch tells which images it holds. */
function numberedImages(count: number, { channels = 1, height = 2, width = 3 } = {}): LabelledImages {
  const size = channels * height * width;
  const pixels = Uint8Array.from({ length: count * size }, (_, i) => 10 * Math.floor(i / size) + (i % size));
  return { pixels, labels: Uint8Array.from({ length: count }, (_, i) => i), count, channels, height, width };
}

const identity = { scale: 1 };

function buffersOf(batchSize: number, size: number) {
  return { pixels: new Float32Array(batchSize * size), labels: new BigInt64Array(batchSize) };
}

function labelsOf(source: BatchSource, epoch: number, size = 6): number[] {
  const buffers = buffersOf(source.batchSize, size);
  return Array.from({ length: source.batches }, (_, batch) => {
    source.fill(epoch, batch, buffers);
    return [...buffers.labels].map(Number);
  }).flat();
}

describe('BatchSource', () => {
  test('writes pixels through the table, and the labels that belong to them', () => {
    const source = new BatchSource(numberedImages(8), { batchSize: 4, seed: 1 });
    const { pixels, labels } = buffersOf(4, 6);
    source.fill(0, 1, { pixels, labels });
    for (const [slot, label] of labels.entries()) {
      const expected = Array.from({ length: 6 }, (_, i) => (10 * Number(label) + i) / 256);
      expect([...pixels.subarray(slot * 6, slot * 6 + 6)]).toEqual(expected);
    }
  });

  test('maps each channel by its own table', () => {
    const images = numberedImages(1, { channels: 2, height: 1, width: 3 });
    const map = { scale: 1, mean: [0, 3], std: [1, 2] };
    const { pixels, labels } = buffersOf(1, 6);
    new BatchSource(images, { batchSize: 1, seed: 1, map }).fill(0, 0, { pixels, labels });
    expect([...pixels]).toEqual([0, 1, 2, 0, 0.5, 1]);
  });

  test('an epoch has every image once, in another order than the next', () => {
    const source = new BatchSource(numberedImages(20), { batchSize: 5, seed: 1 });
    const first = labelsOf(source, 0);
    expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(labelsOf(source, 1)).not.toEqual(first);
    expect(labelsOf(source, 0)).toEqual(first);
    expect(labelsOf(new BatchSource(numberedImages(20), { batchSize: 5, seed: 2 }), 0)).not.toEqual(first);
  });

  test('refuses a label that is no class, where it is asked how many there are', () => {
    const make = (options: Partial<TrainingBatchOptions>) => () =>
      new BatchSource(numberedImages(8), { batchSize: 2, seed: 1, ...options });
    expect(make({ classes: 8 })).not.toThrow();
    expect(make({ classes: 7 })).toThrow('label 7 of image 7 is not below 7');
    expect(() => evaluationBatches(numberedImages(8), { batchSize: 2, classes: 5 })).toThrow('label 5 of image 5');
    const short = { ...numberedImages(8), pixels: new Uint8Array(3) };
    expect(() => evaluationBatches(short, { batchSize: 2 })).toThrow(
      /^8 images of \[.*\] have \d+ pixels and 8 labels, 3 and 8/,
    );
  });

  test('leaves out what does not fill a batch', () => {
    const source = new BatchSource(numberedImages(20), { batchSize: 6, seed: 1 });
    expect(source.batches).toBe(3);
    expect(new Set(labelsOf(source, 0)).size).toBe(18);
    expect(() => source.fill(0, 3, buffersOf(6, 6))).toThrow('there is no batch 3 in an epoch of 3');
    expect(() => source.fill(-1, 0, buffersOf(6, 6))).toThrow('an epoch from 0 is expected, -1 came');
  });

  test('draws only from the indices it is given', () => {
    const indices = Uint32Array.of(3, 5, 7, 11);
    const source = new BatchSource(numberedImages(20), { batchSize: 2, seed: 1, indices });
    expect(labelsOf(source, 4).toSorted((a, b) => a - b)).toEqual([3, 5, 7, 11]);
  });

  test('a batch is a function of seed, epoch and batch: what came before does not matter', () => {
    const images = numberedImages(12, { height: 5, width: 5 });
    const options = { batchSize: 3, seed: 7, augment: { flip: 0.5, shift: 2, erase: { probability: 0.5 }, cutout: 2 } };
    const [whole, resumed] = [buffersOf(3, 25), buffersOf(3, 25)];
    const source = new BatchSource(images, options);
    for (let epoch = 0; epoch < 3; epoch++) for (let batch = 0; batch < 4; batch++) source.fill(epoch, batch, whole);
    new BatchSource(images, options).fill(2, 3, resumed);
    expect(resumed).toEqual(whole);
  });

  test.each<[string, Partial<TrainingBatchOptions>, string]>([
    ['a batch larger than the data', { batchSize: 21 }, 'batch size 21 is larger than the 20 training images'],
    ['an empty batch', { batchSize: 0 }, 'batch size must be a whole number from 1, got 0'],
    ['half an image', { batchSize: 1.5 }, 'batch size must be a whole number from 1, got 1.5'],
    ['an image that is not there', { indices: Uint32Array.of(3, 20) }, 'there is no image 20, there are 20'],
    ['a probability of 2', { augment: { flip: 2 } }, 'augment.flip must be a number from 0 to 1, got 2'],
    ['half a pixel', { augment: { shift: 0.5 } }, 'augment.shift must be a whole number from 0 to 1, got 0.5'],
    [
      'a probability that is not a number',
      { augment: { erase: { probability: Number.NaN } } },
      'augment.erase.probability must be a number from 0 to 1, got NaN',
    ],
    [
      'an area from 0',
      { augment: { erase: { probability: 1, area: [0, 0.5] } } },
      'augment.erase.area must be [low, high] with 0 < low <= high <= 1, got [0,0.5]',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => new BatchSource(numberedImages(20), { batchSize: 1, seed: 1, ...options })).toThrow(
      new UsageError(message),
    );
  });

  test('refuses buffers of another size', () => {
    const source = new BatchSource(numberedImages(20), { batchSize: 4, seed: 1 });
    expect(() => source.fill(0, 0, buffersOf(3, 6))).toThrow(
      'a batch of 4 needs buffers of 24 pixels and 4 labels, got 18 and 3',
    );
  });
});

describe('augmentation', () => {
  const images = numberedImages(1, { height: 3, width: 3 });
  const original = [0, 1, 2, 3, 4, 5, 6, 7, 8];

  function variants(augment: NonNullable<TrainingBatchOptions['augment']>, of = images, map = identity): number[][] {
    const source = new BatchSource(of, { batchSize: 1, seed: 3, augment, map });
    return Array.from({ length: 200 }, (_, epoch) => {
      const buffers = buffersOf(1, of.height * of.width);
      source.fill(epoch, 0, buffers);
      return [...buffers.pixels];
    });
  }

  const distinct = (all: number[][]): Set<string> => new Set(all.map((pixels) => pixels.join()));

  test('flips left and right, as often as asked', () => {
    expect(distinct(variants({ flip: 1 }))).toEqual(new Set(['2,1,0,5,4,3,8,7,6']));
    const flipped = variants({ flip: 0.25 }).filter((pixels) => pixels[0] === 2).length;
    expect(flipped).toBeGreaterThan(30);
    expect(flipped).toBeLessThan(70);
  });

  test('shifts every way, and what comes in is black', () => {
    const all = distinct(variants({ shift: 1 }, images, { scale: 1, mean: [1] } as typeof identity));
    const shifted = (dy: number, dx: number) =>
      original
        .map((_, i) => {
          const [y, x] = [Math.floor(i / 3) - dy, (i % 3) - dx];
          return (y < 0 || y > 2 || x < 0 || x > 2 ? 0 : original[3 * y + x]!) - 1;
        })
        .join();
    const steps = [-1, 0, 1];
    expect(all).toEqual(new Set(steps.flatMap((dy) => steps.map((dx) => shifted(dy, dx)))));
  });

  test('a flipped image is shifted after it is flipped', () => {
    expect(distinct(variants({ flip: 1, shift: 1 })).has('0,2,1,0,5,4,0,8,7')).toBe(true);
  });

  test('cutout makes a square 0, clipped at the border', () => {
    const white = { ...numberedImages(1, { height: 6, width: 6 }), pixels: new Uint8Array(36).fill(1) };
    const sizes = variants({ cutout: 2 }, white).map((pixels) => pixels.filter((value) => value === 0).length);
    expect(new Set(sizes)).toEqual(new Set([1, 2, 4]));
  });

  test('erasing makes one rectangle 0, within the asked area and with the asked probability', () => {
    const white = { ...numberedImages(1, { height: 20, width: 20 }), pixels: new Uint8Array(400).fill(1) };
    const all = variants({ erase: { probability: 0.5, area: [0.1, 0.2], aspect: [0.5, 2] } }, white);
    const erased = all.map((pixels) => pixels.flatMap((value, i) => (value === 0 ? [i] : []))).filter((a) => a.length);
    expect(erased.length).toBeGreaterThan(70);
    expect(erased.length).toBeLessThan(130);
    for (const holes of erased) {
      const rows = new Set(holes.map((i) => Math.floor(i / 20)));
      const columns = new Set(holes.map((i) => i % 20));
      expect(holes.length).toBe(rows.size * columns.size);
      expect(holes.length).toBeGreaterThan(0.08 * 400);
      expect(holes.length).toBeLessThan(0.23 * 400);
    }
  });
});

describe('evaluationBatches', () => {
  test('has every image once, in order, and the last batch filled up', () => {
    const counts: number[] = [];
    const labels: number[] = [];
    let last: Float32Array | undefined;
    const images = numberedImages(7);
    for (const batch of evaluationBatches(images, { batchSize: 3, map: identity })) {
      counts.push(batch.count);
      labels.push(...Array.from(batch.labels, Number));
      last = batch.pixels;
    }
    expect(counts).toEqual([3, 3, 1]);
    expect(labels).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 0]);
    expect([...last!]).toEqual([60, 61, 62, 63, 64, 65, ...new Array(12).fill(0)]);
  });

  test('takes a batch larger than the data, and buffers to write into', () => {
    const buffers = buffersOf(5, 6);
    const [only, ...others] = evaluationBatches(
      numberedImages(7),
      { batchSize: 5, indices: Uint32Array.of(2) },
      buffers,
    );
    expect(others).toEqual([]);
    expect(only).toMatchObject({ count: 1 });
    expect(only!.pixels).toBe(buffers.pixels);
    expect(buffers.labels[0]).toBe(2n);
  });

  test('refuses buffers of another size before the first batch', () => {
    expect(() => evaluationBatches(numberedImages(7), { batchSize: 5 }, buffersOf(4, 6))).toThrow(UsageError);
  });
});
