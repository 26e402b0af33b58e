import { expect, it } from 'vitest';
import { ClassificationScorer } from './classification.js';

it('adds up loss, accuracy and confusion over batches, and leaves rows that fill up out', () => {
  const scorer = new ClassificationScorer(3);
  scorer.add([-1, -2, -3, -0.5, -0.25, -4], [0n, 0n], 2);
  scorer.add(Float32Array.of(-3, -2, -1, 0, 0, 0), [2, 1], 1);
  expect(scorer.scores()).toEqual({
    loss: (1 + 0.5 + 1) / 3,
    accuracy: 2 / 3,
    confusion: [
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
    ],
  });
});

it('counts the first of equals', () => {
  const scorer = new ClassificationScorer(2);
  scorer.add([-1, -1, -1, -1], [0, 1], 2);
  expect(scorer.scores().confusion).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

it('refuses a label that is no class', () => {
  const scorer = new ClassificationScorer(2);
  expect(() => scorer.add([0, 0], [2], 1)).toThrow('label 2 is not below 2');
  expect(() => scorer.add([0, 0], [-1n], 1)).toThrow('label -1 is not below 2');
});

it('has no scores of nothing', () => {
  expect(new ClassificationScorer(2).scores()).toMatchObject({ loss: Number.NaN, accuracy: Number.NaN });
});
