import { expect, it } from 'vitest';
import type { BeamCaption } from './beam.js';
import { mostAlike } from './consensus.js';

const caption = (probability: number, ...words: number[]): BeamCaption => ({
  words,
  logProbability: Math.log(probability),
  wordLogProbabilities: [],
  ended: true,
  score: 0,
});

it('takes what several likely captions share before the likeliest that stands alone', () => {
  const alone = caption(0.3, 4, 5);
  const shared = [caption(0.25, 6, 7, 8, 9), caption(0.2, 6, 7, 8, 10), caption(0.15, 6, 7, 8, 9, 11)];
  expect(mostAlike([alone, ...shared], 1).words).toEqual([6, 7, 8, 9]);
  expect(mostAlike([alone, ...shared], 20).words).toEqual([4, 5]);
});

it('takes a caption that is by itself, and the first of equals', () => {
  expect(mostAlike([caption(0.1, 4)], 0.5)).toMatchObject({ words: [4], score: 1 });
  expect(mostAlike([caption(0.2, 4), caption(0.2, 5)], 0.5).words).toEqual([4]);
});

it('counts probabilities however small they are', () => {
  const [a, b] = [caption(1, 4, 5, 6), caption(1, 4, 5, 7)];
  const tiny = [a, b, b].map((each) => ({ ...each, logProbability: -2000 }));
  expect(mostAlike(tiny, 1).words).toEqual([4, 5, 7]);
});
