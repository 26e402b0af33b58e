import { UsageError } from '../errors.js';
import type { Tokeniser } from '../text/tokenise.js';
import { type BleuMode, bleuStatistics, corpusBleu } from './bleu.js';
import { type BootstrapOptions, bootstrapInterval, bootstrapIntervals, type Interval } from './bootstrap.js';
import { ciderD } from './cider-d.js';
import { referenceCounts } from './reference-counts.js';
import { rougeL } from './rouge-l.js';

/** One image's caption and what people said of it. */
export interface ScoredCaption {
  readonly candidate: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** A score of a corpus with its 95 % bootstrap interval over images. */
export interface Score {
  readonly value: number;
  readonly interval: Interval;
}

export interface CaptionScores {
  /** BLEU-1 … BLEU-4, in [0, 1]. */
  readonly bleu: readonly [Score, Score, Score, Score];
  /** In [0, 1]. */
  readonly rougeL: Score;
  /** From 0 to 10; 0 for a single image, whose references' words say nothing about how rare they are. */
  readonly ciderD: Score;
  /** Candidates that differ as sequences of words, over all; in (0, 1]. */
  readonly distinct: number;
  /** How many images. */
  readonly images: number;
  /** The fewest and the most references that an image has. */
  readonly references: readonly [fewest: number, most: number];
}

/**
 * Scores of a corpus of captions.
 * @param captions at least one
 * @param tokenise parts candidates and references alike
 * @throws UsageError when there is no caption, or one has no reference
 */
export function scoreCaptions(
  captions: readonly ScoredCaption[],
  tokenise: Tokeniser,
  mode: BleuMode,
  options: BootstrapOptions = {},
): CaptionScores {
  if (captions.length === 0) throw new UsageError('there is no caption to score');
  const alone = captions.findIndex(({ references }) => references.length === 0);
  if (alone !== -1) throw new UsageError(`caption ${alone} ("${captions[alone]!.candidate}") has no reference`);
  const corpus = captions.map(({ candidate, references }) => ({
    candidate: tokenise(candidate),
    references: references.map(tokenise),
  }));
  const counts = corpus.map(({ candidate, references }) => bleuStatistics(candidate, references));
  const resampled = (items: Uint32Array) =>
    corpusBleu(
      Array.from(items, (item) => counts[item]!),
      mode,
    );
  const intervals = bootstrapIntervals(corpus.length, resampled, options);
  const bleu = corpusBleu(counts, mode).map((value, n) => ({ value, interval: intervals[n]! }));
  return {
    bleu: bleu as [Score, Score, Score, Score],
    rougeL: meanScore(
      corpus.map(({ candidate, references }) => rougeL(candidate, references)),
      options,
    ),
    ciderD: meanScore(ciderD(corpus), options),
    distinct: new Set(corpus.map(({ candidate }) => candidate.join(' '))).size / corpus.length,
    images: captions.length,
    references: referenceCounts(captions.map(({ references }) => references)),
  };
}

function meanScore(scores: readonly number[], options: BootstrapOptions): Score {
  const mean = (items: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < items.length; i++) sum += scores[items[i]!]!;
    return sum / items.length;
  };
  return { value: mean([...scores.keys()]), interval: bootstrapInterval(scores.length, mean, options) };
}
