import type { Value } from '../graph/graph.js';
import { argMax, split, where } from '../ops/build.js';
import type { TaughtCaptions } from './caption-decoder.js';

/** Layers of a decoder that words go through on their way in and out. */
export interface WordLayers {
  /** Words int64 [R] → what they bring to a step, one below the other: R rows. */
  readonly enter: (words: Value) => Value;
  /** Hidden state [N, hidden] → scores of the next word [N, vocabulary]. */
  readonly score: (hidden: Value) => Value;
}

/**
 * What the word before brings to each step: of the captions that are taught, all at once; or, where `own` says so, of the word
 * that the decoder itself finds likeliest after the step before (scheduled sampling; Bengio et al., 2015). That choice has no
 * gradient.
 * @returns for step t and the hidden state of its rows after step t-1
 */
export function taughtWords(
  { batchSizes, words, own }: Pick<TaughtCaptions, 'batchSizes' | 'words' | 'own'>,
  { enter, score }: WordLayers,
): (step: number, hidden: Value) => Value {
  if (own === undefined) {
    const entered = split(enter(words), batchSizes, 0);
    return (step) => entered[step]!;
  }
  const [taught, isOwn] = [split(words, batchSizes, 0), split(own, batchSizes, 0)];
  return (step, hidden) => enter(step === 0 ? taught[0]! : where(isOwn[step]!, argMax(score(hidden)), taught[step]!));
}
