import { describe, expect, it } from 'vitest';
import { attentionShares, coverOf, wordShare } from './share.js';

describe('the share of attention on what a word names', () => {
  it('covers each region by the part of the mask that lies in it', () => {
    const mask = Uint8Array.from([255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0]);
    expect([...coverOf(mask, 4, 2)]).toEqual([1, 0, 0, 0.25]);
  });

  it('is what lies on the mask, beside what would lie there by chance', () => {
    const cover = Float32Array.of(1, 0, 0, 0.5);
    expect(wordShare('plane', Float32Array.of(0.5, 0.25, 0, 0.25), cover)).toEqual({
      word: 'plane',
      share: 0.625,
      uniform: 0.375,
    });
  });

  it('has a ratio of 1 for attention that is the same everywhere, and of more where it looks', () => {
    const flat = { word: 'a', share: 0.25, uniform: 0.25 };
    const keen = { word: 'b', share: 0.75, uniform: 0.25 };
    expect(attentionShares([[flat, flat], [], [flat]]).ratio).toEqual({ value: 1, interval: [1, 1] });
    const mixed = attentionShares([[flat], [keen], [keen, flat], []]);
    expect(mixed).toMatchObject({ words: 4, share: 0.5, uniform: 0.25, ratio: { value: 2 } });
    expect(mixed.byWord).toEqual([
      { ...flat, count: 2 },
      { ...keen, count: 2 },
    ]);
    const [low, high] = mixed.ratio.interval;
    expect(low).toBeGreaterThanOrEqual(1);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
    expect(high).toBeLessThanOrEqual(3);
  });
});
