import type { Matrix } from 'ml-matrix';
import type { AttentionHead } from './head.js';

/** softmax of every row, in place. */
function softmaxRows(scores: Matrix): Matrix {
  for (let row = 0; row < scores.rows; row++) {
    const values = scores.getRow(row);
    const highest = Math.max(...values);
    const powers = values.map((value) => Math.exp(value - highest));
    const sum = powers.reduce((total, power) => total + power, 0);
    scores.setRow(
      row,
      powers.map((power) => power / sum),
    );
  }
  return scores;
}

/** P = softmax(X·A·Xᵀ·scale), row by row. @param x [L, n] @param matrix A, [n, n] */
export const probabilitiesByScores = (x: Matrix, matrix: Matrix, scale = 1): Matrix =>
  softmaxRows(x.mmul(matrix).mmul(x.transpose()).mul(scale));

/** The usual computation, softmax((X·W_Q)·(X·W_K)ᵀ·scale). @param x [L, n] */
export const probabilitiesByHead = (x: Matrix, { query, key }: AttentionHead, scale = 1): Matrix =>
  softmaxRows(x.mmul(query).mmul(x.mmul(key).transpose()).mul(scale));

/** The largest difference between two matrices' elements. */
export function largestDifference(a: Matrix, b: Matrix): number {
  const others = b.to1DArray();
  return a.to1DArray().reduce((largest, value, i) => Math.max(largest, Math.abs(value - others[i]!)), 0);
}
