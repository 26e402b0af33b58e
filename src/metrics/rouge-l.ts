import type { Tokens } from './ngrams.js';

/** How much more recall weighs than precision, as in coco-caption. */
const beta = 1.2;

/**
 * ROUGE-L of one candidate, in [0, 1] (Lin, 2004; as in coco-caption's `rouge.py`): the F-measure of the best precision
 * and the best recall that the longest common subsequence has with any reference. A corpus scores the mean.
 * @param references at least one
 */
export function rougeL(candidate: Tokens, references: readonly Tokens[]): number {
  let [precision, recall] = [0, 0];
  for (const reference of references) {
    const common = longestCommonSubsequence(candidate, reference);
    if (common === 0) continue;
    precision = Math.max(precision, common / candidate.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0) return 0;
  return ((1 + beta ** 2) * precision * recall) / (recall + beta ** 2 * precision);
}

function longestCommonSubsequence(a: Tokens, b: Tokens): number {
  // row[j]: of the words of a so far and the first j of b
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      next[j] = word === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    }
    row = next;
  }
  return row[b.length]!;
}
