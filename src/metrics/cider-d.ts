import { countNgrams, type Tokens } from './ngrams.js';

const orders = 4;
/** Of the penalty on lengths that differ. */
const sigma = 6;

/** A candidate with its references, of which there is at least one. */
export interface CandidateWithReferences {
  readonly candidate: Tokens;
  readonly references: readonly Tokens[];
}

/**
 * CIDEr-D of every candidate, from 0 to 10 (Vedantam et al., 2015; as in coco-caption's `cider_scorer.py`). n-grams, n = 1 … 4,
 * are weighed by how few images' references have them, so the scores hold for this corpus only. A corpus scores the mean.
 */
export function ciderD(corpus: readonly CandidateWithReferences[]): number[] {
  const rarity = rarityIn(corpus);
  return corpus.map(({ candidate, references }) => {
    const vector = vectorOf(candidate, rarity);
    const sum = references.reduce((total, reference) => total + similarity(vector, vectorOf(reference, rarity)), 0);
    return (10 * sum) / references.length;
  });
}

/** Logarithm of images over images whose references have the n-gram; what none has counts as if one had it. */
function rarityIn(corpus: readonly CandidateWithReferences[]): (ngram: string) => number {
  const images = new Map<string, number>();
  for (const { references } of corpus) {
    const seen = new Set<string>();
    for (const reference of references) {
      for (let n = 1; n <= orders; n++) for (const ngram of countNgrams(reference, n).keys()) seen.add(ngram);
    }
    for (const ngram of seen) images.set(ngram, (images.get(ngram) ?? 0) + 1);
  }
  const all = Math.log(corpus.length);
  return (ngram) => all - Math.log(images.get(ngram) ?? 1);
}

interface Vector {
  /** By order, weights of the n-grams. */
  readonly weights: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  /** Pairs of words, by which lengths are compared. */
  readonly length: number;
}

function vectorOf(tokens: Tokens, rarity: (ngram: string) => number): Vector {
  const weights = Array.from({ length: orders }, (_, i) => {
    const counts = countNgrams(tokens, i + 1);
    return new Map([...counts].map(([ngram, count]) => [ngram, count * rarity(ngram)]));
  });
  const norms = weights.map((order) => Math.sqrt([...order.values()].reduce((sum, weight) => sum + weight ** 2, 0)));
  return { weights, norms, length: Math.max(0, tokens.length - 1) };
}

function similarity(candidate: Vector, reference: Vector): number {
  const penalty = Math.exp(-((candidate.length - reference.length) ** 2) / (2 * sigma ** 2));
  let sum = 0;
  for (let i = 0; i < orders; i++) {
    const norm = candidate.norms[i]! * reference.norms[i]!;
    if (norm === 0) continue;
    let product = 0;
    for (const [ngram, weight] of candidate.weights[i]!) {
      const other = reference.weights[i]!.get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    sum += (penalty * product) / norm;
  }
  return sum / orders;
}
