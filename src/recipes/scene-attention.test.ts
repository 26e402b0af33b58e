import { expect, it } from 'vitest';
import { scenesSet } from '../data/scenes/set.js';
import type { CaptionEvaluation } from './evaluate-captioner.js';
import { sceneAttention } from './scene-attention.js';
import { scenesSeed } from './show-set.js';

const set = scenesSet({ images: 10, seed: scenesSeed });

/** What is needed of an evaluation whose captions are people's own, with the same attention for every word. */
function evaluation(attention: Float32Array | undefined, imageFolder?: string): CaptionEvaluation {
  const captions = set.images.map(({ file, captions: [said] }, index) => {
    const words = said!.tokens;
    return {
      ...{ file, index, caption: words.join(' '), references: [] },
      ...(attention && { attention: words.map(() => attention) }),
    };
  });
  return { captions, set: imageFolder === undefined ? set : { ...set, imageFolder } } as unknown as CaptionEvaluation;
}

it('finds what words name, and that attention which is the same everywhere puts no more there than chance', async () => {
  const shares = await sceneAttention(evaluation(new Float32Array(16).fill(1 / 16)));
  expect(shares!.words).toBeGreaterThan(10);
  expect(shares!.ratio.value).toBeCloseTo(1, 5);
  const one = new Float32Array(16);
  one[5] = 1;
  expect((await sceneAttention(evaluation(one)))!.ratio.value).not.toBeCloseTo(1, 1);
});

it('says nothing of photographs, which have no masks, nor of a decoder that does not look', async () => {
  expect(await sceneAttention(evaluation(new Float32Array(16).fill(1 / 16), '/photographs'))).toBeUndefined();
  expect(await sceneAttention(evaluation(undefined))).toBeUndefined();
});
