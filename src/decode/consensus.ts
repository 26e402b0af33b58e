import { type SentenceNgrams, sentenceBleu, sentenceNgrams } from '../metrics/sentence-bleu.js';
import { type BeamCaption, decodeByBeam } from './beam.js';
import type { DecodeOptions, WordSource } from './word-source.js';

export interface ConsensusOptions extends DecodeOptions {
  /** Candidates that a beam search of this width finds, from 1. */
  readonly beam: number;
  /** Candidates count by their probability to this power: 1 as the model means it, less more evenly; 0.5 by default. */
  readonly power?: number;
}

/**
 * Of the candidates of a beam search, the one that is most like the others: minimum Bayes risk decoding (Kumar and Byrne,
 * 2004) with BLEU. The likeliest caption is often short or odd; what several likely ones share is seldom wrong.
 *
 * @param source as `decodeByBeam`'s
 * @returns for each caption the choice; `score` is the likeness, from 0 to 1
 * @throws UsageError as `decodeByBeam`
 */
export async function decodeByConsensus(
  source: WordSource,
  count: number,
  { power = 0.5, ...options }: ConsensusOptions,
): Promise<BeamCaption[]> {
  const found = await decodeByBeam(source, count, { ...options, best: options.beam });
  return found.map((candidates) => mostAlike(candidates, power));
}

/** Of equals the first. @param candidates at least one */
export function mostAlike(candidates: readonly BeamCaption[], power: number): BeamCaption {
  const likeliest = Math.max(...candidates.map(({ logProbability }) => logProbability));
  const weights = candidates.map(({ logProbability }) => Math.exp(power * (logProbability - likeliest)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const ngrams = candidates.map(({ words }) => sentenceNgrams(words.map(String)));
  const likeness = (candidate: SentenceNgrams): number =>
    ngrams.reduce((sum, other, i) => sum + (weights[i]! / all) * sentenceBleu(candidate, other), 0);
  const scores = ngrams.map(likeness);
  const best = scores.indexOf(Math.max(...scores));
  return { ...candidates[best]!, score: scores[best]! };
}
