import type { Matrix } from 'ml-matrix';
import { canonicalHead, headParameters } from './canonical.js';
import { compareHeads, type HeadComparison } from './compare.js';
import { normalMatrix } from './generate.js';
import { type AttentionHead, precisionOf } from './head.js';
import { frobenius } from './linear-algebra.js';
import { largestDifference, probabilitiesByHead, probabilitiesByScores } from './probabilities.js';
import { type HeadScores, headScores } from './scores.js';

export interface ExamineOptions {
  /** Inputs in the sequence that probabilities are computed of, L. */
  readonly length: number;
  /** Of that sequence, which is standard normal. */
  readonly seed: number;
  /** Of the heads' numbers. */
  readonly precision?: number;
  /** Distance up to which heads are the same, in place of what rounding can explain. */
  readonly tolerance?: number;
}

export interface ExaminedHead {
  readonly head: AttentionHead;
  readonly scores: HeadScores;
  /** Largest difference between softmax(X·A·Xᵀ) and the usual softmax((X·W_Q)·(X·W_K)ᵀ), and with both scaled by 1/√d. */
  readonly differences: { readonly plain: number; readonly scaled: number };
  /** softmax(X·A·Xᵀ), [L, L] */
  readonly probabilities: Matrix;
  readonly parameters: ReturnType<typeof headParameters>;
  readonly canonical: AttentionHead;
}

export interface ExaminedPair extends HeadComparison {
  /** Indices of the heads. */
  readonly heads: readonly [number, number];
  /** Largest difference between the heads' probabilities. */
  readonly probabilities: number;
  /** Largest difference between their canonical forms, over the larger one's norm; undefined where these are of different ranks. */
  readonly canonical: number | undefined;
}

export interface ExaminedHeads {
  readonly heads: readonly ExaminedHead[];
  readonly pairs: readonly ExaminedPair[];
  /** Pairs that are the same head. */
  readonly equivalent: readonly (readonly [number, number])[];
}

/** All that can be said of the heads of a layer. @throws LegendaError when a head is not well formed */
export function examineHeads(heads: readonly AttentionHead[], options: ExamineOptions): ExaminedHeads {
  const { length, seed, precision = precisionOf.float64 } = options;
  const examined = heads.map((head) => examine(head, length, seed, precision));
  const pairs: ExaminedPair[] = [];
  for (const [i, one] of examined.entries()) {
    for (const [k, other] of examined.entries()) {
      if (k <= i || other.head.query.rows !== one.head.query.rows) continue;
      pairs.push({
        heads: [i, k],
        ...compareHeads([one.head, one.scores], [other.head, other.scores], options),
        probabilities: largestDifference(one.probabilities, other.probabilities),
        canonical: canonicalDifference(one.canonical, other.canonical),
      });
    }
  }
  return { heads: examined, pairs, equivalent: pairs.filter(({ same }) => same).map((pair) => pair.heads) };
}

const inputOf = ({ query }: AttentionHead, length: number, seed: number): Matrix =>
  normalMatrix(length, query.rows, 1, seed, 'input');

function examine(head: AttentionHead, length: number, seed: number, precision: number): ExaminedHead {
  const scores = headScores(head, precision);
  const x = inputOf(head, length, seed);
  const [n, d] = [head.query.rows, head.query.columns];
  const difference = (scale: number): number =>
    largestDifference(probabilitiesByScores(x, scores.matrix, scale), probabilitiesByHead(x, head, scale));
  return {
    head,
    scores,
    differences: { plain: difference(1), scaled: difference(1 / Math.sqrt(d)) },
    probabilities: probabilitiesByScores(x, scores.matrix),
    parameters: headParameters(n, d, scores.rank),
    canonical: canonicalHead(head.name, scores),
  };
}

function canonicalDifference(one: AttentionHead, other: AttentionHead): number | undefined {
  if (one.query.columns !== other.query.columns) return undefined;
  const size = Math.max(...[one, other].flatMap(({ query, key }) => [frobenius(query), frobenius(key)]));
  if (size === 0) return 0;
  return Math.max(largestDifference(one.query, other.query), largestDifference(one.key, other.key)) / size;
}
