import type { Value } from '../graph/graph.js';
import { constant, matmul, reshape, transpose } from '../ops/build.js';
import { sizeOf } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';

/** Bᵀ, G and Aᵀ of F(2, 3): two results of a filter of three taps from four numbers, by four products in place of six. */
const input = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
const filter = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];
const output = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/**
 * Products of a 3×3 convolution by Winograd's F(2×2, 3×3): a tile of 4×4 pixels and the filter are each transformed to 16 numbers, which
 * are multiplied one by one, and summed over channels, in 16 matrix products, and transformed back to the 2×2 results.
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
 * @param tiles [16, tiles, channels]: a tile's pixels, row by row
 * @param weight [filters, channels, 3, 3]
 * @returns [4, tiles, filters]: a tile's results, row by row
 */
export function winogradProducts(tiles: Value, weight: Value): Value {
  const [, count, channels] = tiles.shape as [number, number, number];
  const filters = weight.shape[0]!;
  const data = multiply(squared(input), tiles);
  const taps = transpose(reshape(weight, [filters * channels, 9]));
  const filtered = transpose(reshape(multiply(squared(filter), taps), [16, filters, channels]), [0, 2, 1]);
  return reshape(multiply(squared(output), matmul(data, filtered)), [4, count, filters]);
}

/** The same combinations of the first axis' members. */
function multiply(rows: readonly (readonly number[])[], x: Value): Value {
  const [members, ...rest] = x.shape as [number, ...number[]];
  const matrix = constant(x, tensor(x.dtype as 'float32', [rows.length, members], rows.flat()));
  return reshape(matmul(matrix, reshape(x, [members, sizeOf(rest)])), [rows.length, ...rest]);
}

/** The Kronecker product of a matrix with itself: what is done along rows and columns, at once. */
const squared = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix.flatMap((a) => matrix.map((b) => a.flatMap((x) => b.map((y) => x * y))));
