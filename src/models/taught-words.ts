import type { Value } from '../graph/graph.js';
import { argMax, reshape, split, where } from '../ops/build.js';
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
 * @returns for step t and the hidden state after step t-1, N rows
 */
export function taughtWords(
  { words, own }: Pick<TaughtCaptions, 'words' | 'own'>,
  { enter, score }: WordLayers,
): (step: number, hidden: Value) => Value {
  const [length, count] = words.shape as [number, number];
  if (own === undefined) {
    const entered = split(enter(reshape(words, [length * count])), Array<number>(length).fill(count), 0);
    return (step) => entered[step]!;
  }
  const each = (value: Value): Value[] =>
    split(value, Array<number>(length).fill(1), 0).map((row) => reshape(row, [count]));
  const [taught, isOwn] = [each(words), each(own)];
  return (step, hidden) => enter(step === 0 ? taught[0]! : where(isOwn[step]!, argMax(score(hidden)), taught[step]!));
}
