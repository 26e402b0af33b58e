import { describe, expect, it } from 'vitest';
import { attentionEntropy, entropyOf } from './entropy.js';

describe('the entropy of attention', () => {
  it('is 0 on one region, and log2 of the regions when all are looked at alike', () => {
    expect(entropyOf([0, 1, 0, 0])).toBe(0);
    expect(entropyOf(new Float32Array(16).fill(1 / 16))).toBeCloseTo(4, 6);
    expect(entropyOf([0.5, 0.25, 0.25])).toBeCloseTo(1.5, 12);
  });

  it('is a mean by word, the most concentrated first, without rare words', () => {
    const [keen, flat] = [Float32Array.of(1, 0), Float32Array.of(0.5, 0.5)];
    const captions = [
      [
        { word: 'a', attention: flat },
        { word: 'river', attention: keen },
      ],
      [
        { word: 'a', attention: keen },
        { word: 'river', attention: keen },
        { word: 'rare', attention: flat },
      ],
    ];
    expect(attentionEntropy(captions, 2)).toEqual({
      regions: 2,
      mean: 0.4,
      byWord: [
        { word: 'river', count: 2, entropy: 0 },
        { word: 'a', count: 2, entropy: 0.5 },
      ],
    });
    expect(attentionEntropy([[]])).toBeUndefined();
  });
});
