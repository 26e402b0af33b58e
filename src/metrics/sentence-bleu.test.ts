import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentenceBleu, sentenceNgrams } from './sentence-bleu.js';

const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 });
const bleu = (candidate: readonly string[], reference: readonly string[]) =>
  sentenceBleu(sentenceNgrams(candidate), sentenceNgrams(reference));

describe('BLEU of a sentence', () => {
  it('is 1 for the same words, and less for others', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(bleu(a, a)).toBeCloseTo(1, 12);
        const other = bleu(a, b);
        expect(other).toBeGreaterThan(0);
        if (a.join() !== b.join() && b.length > 0) expect(other).toBeLessThan(1);
      }),
    );
  });

  it('counts n-grams that both have, and takes off for being short', () => {
    const precisions = [3.1 / 4.1, 2.1 / 3.1, 1.1 / 2.1, 0.1 / 1.1];
    const geometric = precisions.reduce((product, precision) => product * precision, 1) ** 0.25;
    expect(bleu(['a', 'b', 'c', 'x'], ['a', 'b', 'c', 'd'])).toBeCloseTo(geometric, 12);
    expect(bleu(['a', 'b', 'c', 'x'], ['a', 'b', 'c', 'd', 'e', 'f'])).toBeCloseTo(
      geometric * Math.exp(1 - 6.1 / 4.1),
      12,
    );
  });
});
