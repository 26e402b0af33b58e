import { expect, it } from 'vitest';
import { describeScene } from './describe.js';
import { sceneKinds } from './description.js';
import { scenesSet } from './set.js';

it('describes a scene the same every time, and another for another seed or index', () => {
  expect(describeScene(3, 5)).toEqual(describeScene(3, 5));
  expect(describeScene(3, 5).captions).not.toEqual(describeScene(4, 5).captions);
  expect(describeScene(3, 5).captions).not.toEqual(describeScene(3, 12).captions);
});

// A change of these is a change of `scenesVersion`: results before it and after it are not comparable.
it('keeps its captions', () => {
  expect(describeScene(0, 1).captions.map(({ raw }) => raw)).toMatchInlineSnapshot(`
    [
      "A blue plane on the left and a yellow plane in the upper left .",
      "An airport with a yellow plane in the upper left and a blue plane on the left .",
      "A yellow plane is parked in the upper left at the airport .",
      "A blue plane is below a yellow plane at the airport .",
      "There is a blue plane on the left and a yellow plane in the upper left at the airport .",
    ]
  `);
  expect(scenesSet({ images: 70, seed: 0 }).sha256).toMatchInlineSnapshot(
    `"e5f4bbe8566c4096d1a97b1ca44e23804d323ab6d4fb7c5a9d898b4e77108e00"`,
  );
});

it('makes a set whose images stay in their splits when it grows', () => {
  const small = scenesSet({ images: 70, seed: 2 });
  const large = scenesSet({ images: 140, seed: 2 });
  expect(large.images.slice(0, 70)).toEqual(small.images);
  expect(large.sha256).not.toBe(small.sha256);
  expect(small.sha256).not.toBe(scenesSet({ images: 70, seed: 3 }).sha256);
  expect(small.images.filter(({ split }) => split === 'train').length).toBe(56);
  for (const split of ['val', 'test']) {
    const images = small.images.filter((image) => image.split === split);
    expect(new Set(images.map(({ id }) => sceneKinds[id % 7])).size).toBe(7);
  }
  expect(new Set(small.images.map(({ file }) => file)).size).toBe(70);
  expect(small.images[9]!.captions).toEqual(describeScene(2, 9).captions);
});

it('refuses what is no set', () => {
  expect(() => scenesSet({ images: 9, seed: 0 })).toThrow('the number of images must be a whole number from 10, got 9');
  expect(() => scenesSet({ images: 20, seed: 0.5 })).toThrow('the seed must be a whole number, got 0.5');
  expect(() => describeScene(0, -1)).toThrow('an index must be a whole number from 0, got -1');
});
