import type { Value } from '../graph/graph.js';
import { reshape, transpose } from '../ops/build.js';

/**
 * A matrix transposed in memory, once: as a tensor of three axes, because ONNX Runtime merges a transposition of two into
 * the products that read it, each of which would do it again.
 */
export function transposed(matrix: Value): Value {
  const [rows, columns] = matrix.shape as [number, number];
  return reshape(transpose(reshape(matrix, [1, rows, columns]), [0, 2, 1]), [columns, rows]);
}
