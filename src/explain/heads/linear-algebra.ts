import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';

/** M = left·diag(values)·rightᵀ, the values falling. */
export interface Svd {
  readonly left: Matrix;
  readonly values: readonly number[];
  readonly right: Matrix;
}

export function svd(matrix: Matrix): Svd {
  // computed for the taller of a matrix and its transpose
  const decomposition = new SingularValueDecomposition(matrix, { autoTranspose: true });
  return {
    left: decomposition.leftSingularVectors,
    values: decomposition.diagonal,
    right: decomposition.rightSingularVectors,
  };
}

/** Q with orthonormal columns and an upper triangular R, for a matrix with no more columns than rows. */
export function qr(matrix: Matrix): { readonly orthonormal: Matrix; readonly triangular: Matrix } {
  const decomposition = new QrDecomposition(matrix);
  return { orthonormal: decomposition.orthogonalMatrix, triangular: decomposition.upperTriangularMatrix };
}

/** How many singular values are above what rounding leaves of zero. @param precision of the matrix's numbers */
function rankOf({ values, left, right }: Svd, precision: number): number {
  const limit = Math.max(left.rows, right.rows) * precision * (values[0] ?? 0);
  return values.filter((value) => value > limit).length;
}

/** The pseudo-inverse (Moore and Penrose), with bases of what the matrix maps to zero, as columns. */
export function pseudoInverse(
  matrix: Matrix,
  precision: number,
): { readonly inverse: Matrix; readonly kernel: Matrix } {
  const parts = svd(matrix);
  const rank = rankOf(parts, precision);
  const kept = parts.right.subMatrix(0, matrix.columns - 1, 0, Math.max(rank, 1) - 1);
  const scaled = kept.clone();
  for (let column = 0; column < scaled.columns; column++)
    scaled.mulColumn(column, rank === 0 ? 0 : 1 / parts.values[column]!);
  const inverse = scaled.mmul(parts.left.subMatrix(0, matrix.rows - 1, 0, scaled.columns - 1).transpose());
  const kernel =
    rank === matrix.columns
      ? Matrix.zeros(matrix.columns, 0)
      : parts.right.subMatrix(0, matrix.columns - 1, rank, matrix.columns - 1);
  return { inverse, kernel };
}

/** Largest over smallest singular value; infinite for a singular matrix. */
export function conditionOf(matrix: Matrix): number {
  const { values } = svd(matrix);
  return values.at(-1)! > 0 ? values[0]! / values.at(-1)! : Number.POSITIVE_INFINITY;
}

/** √Σ|m|², zero for a matrix without elements. */
export const frobenius = (matrix: Matrix): number => (matrix.isEmpty() ? 0 : matrix.norm('frobenius'));
