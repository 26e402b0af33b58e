import { expect, it } from 'vitest';
import { Preprocessor } from './preprocess.js';
import { readAhead } from './read-ahead.js';

const preprocessor = new Preprocessor({ side: 2, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] });
const image = (value: number) => ({ width: 1, height: 1, pixels: Uint8Array.of(value, value, value) });

it.each([1, 2, 3, 5, 8])('gives every image once, in order, in batches of %i', async (batch) => {
  const sources = [10, 20, 30, 40, 50].map(image);
  const seen: number[] = [];
  for await (const { sources: some, pixels, errors } of readAhead(preprocessor, sources, batch)) {
    // what the next batch writes meanwhile must not show here
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toEqual(some.map(() => undefined));
    some.forEach((_, i) => {
      const own = pixels.subarray(i * preprocessor.size, (i + 1) * preprocessor.size);
      expect(new Set(own).size).toBe(1);
      seen.push(Math.round(255 * own[0]!));
    });
  }
  expect(seen).toEqual([10, 20, 30, 40, 50]);
});

it('says of each image what is wrong with it, and reads nothing of no images', async () => {
  const sources = [image(10), Buffer.from('a text'), image(30)];
  const errors = [];
  for await (const batch of readAhead(preprocessor, sources, 2)) errors.push(...batch.errors);
  expect(errors.map((error) => error?.message)).toEqual([
    undefined,
    expect.stringContaining('is a text file'),
    undefined,
  ]);
  for await (const _ of readAhead(preprocessor, [], 2)) expect.unreachable();
});
