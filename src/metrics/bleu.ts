import { countNgrams, type Tokens } from './ngrams.js';

/** The longest n-grams that BLEU counts. */
export const bleuOrder = 4;

/** What a candidate adds to a corpus's BLEU. */
export interface BleuStatistics {
  /** n-grams that a reference has too, each at most as often as the reference with most of them; for n = 1 … 4. */
  readonly matches: readonly number[];
  /** Words of the candidate. */
  readonly length: number;
  /** Words of the reference that is closest in length; of two equally close the shorter. */
  readonly referenceLength: number;
}

/**
 * Counts for one candidate and its references (Papineni et al., 2002).
 * @param references at least one
 */
export function bleuStatistics(candidate: Tokens, references: readonly Tokens[]): BleuStatistics {
  const matches = [];
  for (let n = 1; n <= bleuOrder; n++) {
    const counted = references.map((reference) => countNgrams(reference, n));
    let count = 0;
    for (const [ngram, times] of countNgrams(candidate, n)) {
      count += Math.min(times, Math.max(0, ...counted.map((reference) => reference.get(ngram) ?? 0)));
    }
    matches.push(count);
  }
  return { matches, length: candidate.length, referenceLength: closestLength(candidate.length, references) };
}

function closestLength(length: number, references: readonly Tokens[]): number {
  const distance = (other: number): number => Math.abs(other - length);
  return references
    .map((reference) => reference.length)
    .reduce((best, other) => {
      const [near, far] = [distance(other), distance(best)];
      return near < far || (near === far && other < best) ? other : best;
    });
}

/**
 * How a corpus's BLEU is made of its counts.
 *
 * `coco`: coco-caption's `bleu_scorer.py`. An order without a match counts 1e-15 matches, and 1e-9 is added to what is
 * divided by, so a corpus without a matching 4-gram scores a little above 0.
 *
 * `nltk`: NLTK's `corpus_bleu` without smoothing. A candidate shorter than n words counts as one n-gram without a match, an
 * order without a match as 2.2e-308, and a corpus without a matching word scores 0.
 *
 * Candidates of at least four words with matches in every order score the same in both, but for 1e-9.
 */
export type BleuMode = 'coco' | 'nltk';

/**
 * BLEU-1 … BLEU-4 of a corpus, in [0, 1].
 * @param corpus what `bleuStatistics` gives for every candidate
 */
export const corpusBleu = (corpus: Iterable<BleuStatistics>, mode: BleuMode): number[] =>
  mode === 'coco' ? cocoBleu(addUp(corpus, 0)) : nltkBleu(addUp(corpus, 1));

interface Totals {
  readonly matches: number[];
  readonly possible: number[];
  length: number;
  referenceLength: number;
}

/** @param least the fewest n-grams that a candidate is taken to have */
function addUp(corpus: Iterable<BleuStatistics>, least: number): Totals {
  const zeros = (): number[] => new Array<number>(bleuOrder).fill(0);
  const totals = { matches: zeros(), possible: zeros(), length: 0, referenceLength: 0 };
  for (const { matches, length, referenceLength } of corpus) {
    for (let n = 0; n < bleuOrder; n++) {
      totals.matches[n]! += matches[n]!;
      totals.possible[n]! += Math.max(least, length - n);
    }
    totals.length += length;
    totals.referenceLength += referenceLength;
  }
  return totals;
}

function cocoBleu({ matches, possible, length, referenceLength }: Totals): number[] {
  const [tiny, small] = [1e-15, 1e-9];
  const ratio = (length + tiny) / (referenceLength + small);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return matches.map((match, n) => {
    product *= (match + tiny) / (possible[n]! + small);
    return penalty * product ** (1 / (n + 1));
  });
}

function nltkBleu({ matches, possible, length, referenceLength }: Totals): number[] {
  if (matches[0] === 0) return matches.map(() => 0);
  const penalty = length > referenceLength ? 1 : Math.exp(1 - referenceLength / length);
  const smallest = 2 ** -1022;
  let logarithms = 0;
  return matches.map((match, n) => {
    logarithms += Math.log(match === 0 ? smallest : match / possible[n]!);
    return penalty * Math.exp(logarithms / (n + 1));
  });
}
