import type { Node, Value } from '../graph/graph.js';
import { constant, matmul, reshape, transpose } from '../ops/build.js';
import type { ConvAttributes } from '../ops/conv.js';
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
 * Whether a convolution can be computed by tiles: 3×3 filters that are moved by one give an even number of rows and columns, and a
 * pooling that follows is of 2×2. 16 numbers are multiplied for four results in place of 36, and 16 rows gathered: without it a step
 * of `fashion-cnn` takes 1.04 times as long with 8 images and 1.13 times with 64 (bench/PASSES.md).
 * @param window of the pooling that follows; [1, 1] for none
 */
export function suitsWinograd({ inputs: [, w], outputs: [y], attributes }: Node, window: readonly number[]): boolean {
  const { strides, dilations } = attributes as ConvAttributes;
  const [, , ...kernel] = w!.shape;
  const [, , height, width] = y!.shape as [number, number, number, number];
  return (
    kernel.every((side) => side === 3) &&
    [...strides, ...dilations].every((step) => step === 1) &&
    height % 2 === 0 &&
    width % 2 === 0 &&
    ['1,1', '2,2'].includes(window.join())
  );
}

/** For each of a tile's 4×4 pixels, row by row, and all tiles, row by row, which pixel of the image it is; -1 is padding. */
export function tilePixels(node: Node): Int32Array {
  const { pads } = node.attributes as ConvAttributes;
  const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = node.outputs[0]!.shape as [number, number, number, number];
  const pixels = new Int32Array(4 * outHeight * outWidth);
  let at = 0;
  for (let pixel = 0; pixel < 16; pixel++) {
    for (let top = -pads[0]!; top < outHeight - pads[0]!; top += 2) {
      for (let left = -pads[1]!; left < outWidth - pads[1]!; left += 2) {
        const [y, x] = [top + Math.floor(pixel / 4), left + (pixel % 4)];
        pixels[at++] = y < 0 || y >= height || x < 0 || x >= width ? -1 : y * width + x;
      }
    }
  }
  return pixels;
}

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
  const matrix = constant(x, tensor(x.dtype, [rows.length, members], rows.flat()));
  return reshape(matmul(matrix, reshape(x, [members, sizeOf(rest)])), [rows.length, ...rest]);
}

/** The Kronecker product of a matrix with itself: what is done along rows and columns, at once. */
const squared = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix.flatMap((a) => matrix.map((b) => a.flatMap((x) => b.map((y) => x * y))));
