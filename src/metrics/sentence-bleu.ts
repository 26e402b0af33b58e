import { bleuOrder } from './bleu.js';
import { countNgrams, type Tokens } from './ngrams.js';

/** A sentence's n-grams, counted once for many comparisons. */
export interface SentenceNgrams {
  /** By n - 1, how often each comes. */
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly length: number;
}

export const sentenceNgrams = (tokens: Tokens): SentenceNgrams => ({
  counts: Array.from({ length: bleuOrder }, (_, i) => countNgrams(tokens, i + 1)),
  length: tokens.length,
});

/** Added to the matches and to what they are divided by: the quality of sentences that share no 4-gram still differs. */
const smoothing = 0.1;

/** BLEU-4 of a sentence against one reference, each precision smoothed to (matches + 0.1) / (n-grams + 0.1); in (0, 1]. */
export function sentenceBleu(candidate: SentenceNgrams, reference: SentenceNgrams): number {
  let logarithms = 0;
  for (const [i, counts] of candidate.counts.entries()) {
    let matches = 0;
    for (const [ngram, times] of counts) matches += Math.min(times, reference.counts[i]!.get(ngram) ?? 0);
    logarithms += Math.log((matches + smoothing) / (Math.max(0, candidate.length - i) + smoothing));
  }
  const brevity = Math.min(0, 1 - (reference.length + smoothing) / (candidate.length + smoothing));
  return Math.exp(logarithms / bleuOrder + brevity);
}
