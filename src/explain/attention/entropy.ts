import { meanOf } from '../../metrics/spread.js';

/** How spread attention is when some word is said. */
export interface WordEntropy {
  readonly word: string;
  readonly count: number;
  /** Mean over its occurrences, in bits. */
  readonly entropy: number;
}

export interface AttentionEntropy {
  /** L: attention that is the same everywhere has an entropy of log₂ L. */
  readonly regions: number;
  /** Mean over all words. */
  readonly mean: number;
  /** Words said at least `least` times, the most concentrated first. */
  readonly byWord: readonly WordEntropy[];
}

/**
 * Shannon's entropy of a distribution, -Σ p·log₂ p, in bits: 0 for all on one region, log₂ L for the same on each of L.
 * @param attention from 0, of sum 1
 */
export function entropyOf(attention: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < attention.length; i++) if (attention[i]! > 0) entropy -= attention[i]! * Math.log2(attention[i]!);
  return entropy;
}

/**
 * @param captions words with the attention each was said with
 * @param least occurrences of a word that is listed; 5 by default
 * @returns undefined when no word was said
 */
export function attentionEntropy(
  captions: Iterable<readonly { readonly word: string; readonly attention: ArrayLike<number> }[]>,
  least = 5,
): AttentionEntropy | undefined {
  const byWord = new Map<string, number[]>();
  let regions = 0;
  for (const caption of captions)
    for (const { word, attention } of caption) {
      regions = attention.length;
      const known = byWord.get(word) ?? [];
      known.push(entropyOf(attention));
      byWord.set(word, known);
    }
  const all = [...byWord.values()].flat();
  if (all.length === 0) return undefined;
  return {
    regions,
    mean: meanOf(all),
    byWord: [...byWord]
      .filter(([, entropies]) => entropies.length >= least)
      .map(([word, entropies]) => ({ word, count: entropies.length, entropy: meanOf(entropies) }))
      .sort((a, b) => a.entropy - b.entropy || (a.word < b.word ? -1 : 1)),
  };
}
