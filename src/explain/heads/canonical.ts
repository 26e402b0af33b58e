import type { AttentionHead } from './head.js';
import type { HeadScores } from './scores.js';

/**
 * The head with the same A whose W_Q = U·√S and W_K = V·√S are balanced, of A's singular vectors U, V and values S, in [n, rank]
 * each (one column of zeros for rank 0): heads that are the same have the same canonical form, as long as no two singular values are
 * equal. The largest element of each column of U is positive.
 */
export function canonicalHead(name: string, { left, right, singularValues, rank }: HeadScores): AttentionHead {
  const columns = Math.max(rank, 1);
  const [query, key] = [left, right].map((vectors) => vectors.subMatrix(0, vectors.rows - 1, 0, columns - 1));
  for (let column = 0; column < columns; column++) {
    const values = query!.getColumn(column);
    const largest = values.reduce((most, value) => (Math.abs(value) > Math.abs(most) + 1e-9 ? value : most), 0);
    const factor = (rank === 0 ? 0 : Math.sqrt(singularValues[column]!)) * (largest < 0 ? -1 : 1);
    query!.mulColumn(column, factor);
    key!.mulColumn(column, factor);
  }
  return { name, query: query!, key: key! };
}

/** Numbers that W_Q and W_K have, that a matrix of A's rank has to itself, and the difference: d² for the full rank d. */
export function headParameters(n: number, d: number, rank: number): { factors: number; free: number; saved: number } {
  const [factors, free] = [2 * n * d, rank * (2 * n - rank)];
  return { factors, free, saved: factors - free };
}
