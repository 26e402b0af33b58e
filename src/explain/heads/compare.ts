import { Matrix } from 'ml-matrix';
import { type AttentionHead, precisionOf } from './head.js';
import { conditionOf, frobenius, pseudoInverse } from './linear-algebra.js';
import type { HeadScores } from './scores.js';

/** B with W_Q² = W_Q¹·B and W_K² = W_K¹·B⁻ᵀ. */
export interface Recovered {
  /** [d, d], invertible. */
  readonly matrix: Matrix;
  /** Largest over smallest singular value: as many digits are lost in what is multiplied with it. */
  readonly condition: number;
  /** |W_Q¹·B - W_Q²| over |W_Q²|, and |W_K²·Bᵀ - W_K¹| over |W_K¹|, in Frobenius's norm. */
  readonly residuals: { readonly query: number; readonly key: number };
  /** Whether the heads allow no other B. */
  readonly unique: boolean;
}

export interface HeadComparison {
  /** |A¹ - A²| over the larger of both, in Frobenius's norm: 0 for heads that are the same, at most 2. */
  readonly distance: number;
  /** Up to which distance the heads are the same. */
  readonly tolerance: number;
  readonly same: boolean;
  /** Of heads that are the same; undefined where no invertible B links these matrices, as with different ranks of W_Q. */
  readonly link: Recovered | undefined;
}

export interface CompareOptions {
  /** Of the heads' numbers (see `precisionOf`). */
  readonly precision?: number;
  /** In place of what rounding can explain. */
  readonly tolerance?: number;
}

/**
 * Whether two heads give the same probabilities to all inputs, and why: they do when their A is the same, and then, where
 * W_Q and W_K have full rank, there is one B that turns one head into the other.
 */
export function compareHeads(
  [one, its]: readonly [AttentionHead, HeadScores],
  [other, others]: readonly [AttentionHead, HeadScores],
  { precision = precisionOf.float64, tolerance }: CompareOptions = {},
): HeadComparison {
  const size = Math.max(frobenius(its.matrix), frobenius(others.matrix));
  const relative = (value: number): number => (size === 0 ? 0 : value / size);
  const distance = relative(frobenius(Matrix.sub(its.matrix, others.matrix)));
  const limit = tolerance ?? relative(its.rounding + others.rounding);
  const same = distance <= limit;
  const ofOneShape = one.query.columns === other.query.columns;
  return { distance, tolerance: limit, same, link: same && ofOneShape ? recover(one, other, precision) : undefined };
}

function recover(one: AttentionHead, other: AttentionHead, precision: number): Recovered | undefined {
  const d = one.query.columns;
  const [ofQuery, ofKey] = [pseudoInverse(one.query, precision), pseudoInverse(other.key, precision)];
  // W_Q¹·B = W_Q² and W_K²·Bᵀ = W_K¹: each side gives all of B where its matrix has full rank
  const [byQuery, byKey] = [ofQuery.inverse.mmul(other.query), ofKey.inverse.mmul(one.key).transpose()];
  const identity = Matrix.eye(d);
  const beyondQuery = Matrix.sub(identity, ofQuery.inverse.mmul(one.query));
  const beyondKey = Matrix.sub(identity, ofKey.inverse.mmul(other.key));
  // and where neither says anything, B may be what it likes
  const free = Matrix.eye(ofQuery.kernel.columns, ofKey.kernel.columns);
  const rest = free.isEmpty() ? Matrix.zeros(d, d) : ofQuery.kernel.mmul(free).mmul(ofKey.kernel.transpose());
  const candidates = [
    Matrix.add(byQuery, beyondQuery.mmul(byKey)).add(rest),
    Matrix.add(byKey, byQuery.mmul(beyondKey)).add(rest),
  ].map((matrix) => judged(matrix, one, other, free.isEmpty()));
  const [first, second] = candidates as [Recovered, Recovered];
  const best = worst(first) <= worst(second) ? first : second;
  const possible = best.condition * precision < 1 && worst(best) <= Math.sqrt(precision);
  return possible ? best : undefined;
}

const worst = ({ residuals: { query, key } }: Recovered): number => Math.max(query, key);

function judged(matrix: Matrix, one: AttentionHead, other: AttentionHead, unique: boolean): Recovered {
  const part = (found: Matrix, wanted: Matrix): number => {
    const size = frobenius(wanted);
    const difference = frobenius(Matrix.sub(found, wanted));
    return size === 0 ? difference : difference / size;
  };
  const residuals = {
    query: part(one.query.mmul(matrix), other.query),
    key: part(other.key.mmul(matrix.transpose()), one.key),
  };
  return { matrix, condition: conditionOf(matrix), residuals, unique };
}
