import type { Matrix } from 'ml-matrix';
import { type AttentionHead, checkHead, precisionOf } from './head.js';
import { frobenius, qr, svd } from './linear-algebra.js';

/** What a head's scores are made with: X·A·Xᵀ, A = W_Q·W_Kᵀ. */
export interface HeadScores {
  /** A, [n, n] */
  readonly matrix: Matrix;
  /** Falling, d of them: A has no others. */
  readonly singularValues: readonly number[];
  /** At most d. */
  readonly rank: number;
  /** Orthonormal columns of A = left·diag(singularValues)·rightᵀ, [n, d] each. */
  readonly left: Matrix;
  readonly right: Matrix;
  /** What rounding may have changed of A, in Frobenius's norm. */
  readonly rounding: number;
}

/**
 * A of a head, decomposed. The rank is at most d, since the d×d core R_Q·R_Kᵀ of W_Q = Q·R_Q and W_K = Q'·R_K has all of A's
 * singular values: that core is what is decomposed.
 * @param precision of the head's numbers (see `precisionOf`)
 * @throws LegendaError when the head's matrices do not fit, or have numbers that are not finite
 */
export function headScores(head: AttentionHead, precision: number = precisionOf.float64): HeadScores {
  checkHead(head);
  const { query, key } = head;
  const [ofQuery, ofKey] = [qr(query), qr(key)];
  const core = svd(ofQuery.triangular.mmul(ofKey.triangular.transpose()));
  const rounding = query.rows * precision * frobenius(query) * frobenius(key);
  return {
    matrix: query.mmul(key.transpose()),
    singularValues: core.values,
    rank: core.values.filter((value) => value > rounding).length,
    left: ofQuery.orthonormal.mmul(core.left),
    right: ofKey.orthonormal.mmul(core.right),
    rounding,
  };
}
