import { end, pad, start, unknown } from '../text/vocabulary.js';
import type { DecodedCaption, DecodeOptions, NextWords, WordSource } from './word-source.js';

/** A caption that is being written. */
export interface Draft {
  readonly words: readonly number[];
  readonly logProbability: number;
  readonly wordLogProbabilities: readonly number[];
  readonly attention: readonly Float32Array[];
}

export const emptyDraft: Draft = { words: [], logProbability: 0, wordLogProbabilities: [], attention: [] };

/** Whether each word may be written. */
export function allowedWords({ vocabulary }: WordSource, { never = [unknown] }: DecodeOptions): Uint8Array {
  const allowed = new Uint8Array(vocabulary).fill(1);
  for (const word of [pad, start, ...never]) allowed[word] = 0;
  // a caption must be able to end
  allowed[end] = 1;
  return allowed;
}

/** The word that a row goes on from. */
export const lastWord = ({ words }: Draft): number => words.at(-1) ?? start;

/** A draft with one word more. @param row of the draft among the scores */
export function extend(draft: Draft, word: number, source: WordSource, scores: NextWords, row: number): Draft {
  const { vocabulary, rows } = source;
  const { logProbabilities, attention } = scores;
  const regions = (attention?.length ?? 0) / rows;
  const own = logProbabilities[row * vocabulary + word]!;
  return {
    words: word === end ? draft.words : [...draft.words, word],
    logProbability: draft.logProbability + own,
    wordLogProbabilities: [...draft.wordLogProbabilities, own],
    attention: attention ? [...draft.attention, attention.slice(row * regions, (row + 1) * regions)] : [],
  };
}

export const captionOf = (
  { words, logProbability, wordLogProbabilities, attention }: Draft,
  ended: boolean,
): DecodedCaption => ({
  words,
  logProbability,
  wordLogProbabilities,
  ended,
  ...(attention.length > 0 && { attention }),
});
