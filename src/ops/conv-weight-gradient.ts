import type { Value } from '../graph/graph.js';
import { type Shape, sameShape, sizeOf } from '../tensor/shape.js';
import { zeros } from '../tensor/tensor.js';
import {
  concat,
  constant,
  conv,
  depthToSpace,
  matmul,
  reduceSum,
  reshape,
  slice,
  spaceToDepth,
  transpose,
} from './build.js';
import type { ConvAttributes } from './conv.js';
import { padSpatial, windowSlices } from './window.js';

/** dW[m, c, k] = Σ over images and places of g[m] · x[c] at place + k: one product of g with the columns of x. */
export function weightGradient(x: Value, weight: Shape, g: Value, attributes: ConvAttributes): Value {
  const { group, pads, strides, dilations } = attributes;
  const [filters, perGroup, ...kernel] = weight as [number, number, ...number[]];
  if (attributes.byChannel === true) return gradientByChannel(x, weight, g, attributes);
  if (suitsRows(weight, attributes)) return gradientByRows(padSpatial(x, pads), weight, g, dilations);
  if (suitsPhases(weight, attributes)) return gradientByPhases(x, weight, g, attributes);
  const n = x.shape[0]!;
  const sizes = g.shape.slice(2);
  const area = sizeOf(sizes);
  const places = sizeOf(kernel);
  const slices = windowSlices(padSpatial(x, pads), kernel, sizes, { strides, dilations });
  const columns = concat(
    slices.map((part) => reshape(part, [n, group, perGroup, area])),
    2,
  ); // [N, group, places·C/group, area]
  const products = matmul(reshape(g, [n, group, filters / group, area]), transpose(columns, [0, 1, 3, 2]));
  const summed = reshape(reduceSum(products, { axes: [0] }), [filters, places, perGroup]);
  return reshape(transpose(summed, [0, 2, 1]), weight);
}

/** Elements that are copied one by one, with steps between, take much longer than rows of them: so it is for images' few channels. */
const suitsPhases = ([, channels]: Shape, { group, strides, dilations }: ConvAttributes): boolean =>
  group === 1 &&
  channels! <= 4 &&
  strides.length === 2 &&
  strides[0]! > 1 &&
  strides[0] === strides[1] &&
  dilations.every((d) => d === 1);

/** The same where windows move by a stride: the stride's phases become channels, and windows over these move by single steps. */
function gradientByPhases(x: Value, weight: Shape, g: Value, { strides, pads }: ConvAttributes): Value {
  const [filters, channels, ...kernel] = weight as [number, number, number, number];
  const stride = strides[0]!;
  const taps = kernel.map((size) => Math.ceil(size / stride));
  const ends = taps.map((count, axis) => {
    const reached = (g.shape[axis + 2]! - 1 + count) * stride;
    return reached - x.shape[axis + 2]! - pads[axis]!;
  });
  const phases = spaceToDepth(padSpatial(x, [...pads.slice(0, 2), ...ends]), stride);
  const simple = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
  const whole = weightGradient(phases, [filters, stride * stride * channels, ...taps], g, simple);
  return slice(depthToSpace(whole, stride), [0, 0], kernel, [2, 3]);
}

/** Whether it takes fewer copies to move g for each row of the kernel and x for each column than x for each place. */
function suitsRows([filters, channels, height, width]: Shape, { group, strides }: ConvAttributes): boolean {
  if (group !== 1 || width === undefined || strides.some((stride) => stride !== 1)) return false;
  return (
    strides.length === 2 && height! > 1 && height! * filters! + width * channels! < 0.8 * height! * width * channels!
  );
}

/**
 * The same where windows move by single steps over two axes. Rows of x, as wide as those of g, stand one after the other: a row of
 * the kernel is g so many rows further on, with zeros before and after.
 */
function gradientByRows(x: Value, weight: Shape, g: Value, dilations: readonly number[]): Value {
  const [filters, channels, height, width] = weight as [number, number, number, number];
  const [n, , rows] = x.shape as [number, number, number];
  const [, , own, across] = g.shape as [number, number, number, number];
  const rowsOfZeros = (count: number): Value[] =>
    count === 0 ? [] : [constant(g, zeros({ dtype: g.dtype, shape: [n, filters, count, across] }))];
  const between = rowsOfZeros(rows + dilations[0]! - own);
  const shifted = Array.from({ length: height }, (_, row) => (row === 0 ? [g] : [...between, g])).flat();
  const left = concat([...shifted, ...rowsOfZeros(rows - own - (height - 1) * dilations[0]!)], 2);
  const cut = Array.from({ length: width }, (_, column) => {
    const from = column * dilations[1]!;
    return slice(x, [from], [from + across], [3]);
  });
  const right = reshape(concat(cut, 1), [n, width * channels, rows * across]);
  const products = matmul(reshape(left, [n, filters * height, rows * across]), transpose(right, [0, 2, 1]));
  const summed = reshape(reduceSum(products, { axes: [0] }), [filters, height * width, channels]);
  return reshape(transpose(summed, [0, 2, 1]), weight);
}

/**
 * dW[c, k] = Σ over images and places of g[c] · x[c] at place + k: every channel of every image convolved with its own g, whose
 * steps are the strides.
 */
function gradientByChannel(x: Value, weight: Shape, g: Value, { strides, pads, dilations }: ConvAttributes): Value {
  const [channels, , ...kernel] = weight as [number, number, ...number[]];
  const n = x.shape[0]!;
  const sizes = g.shape.slice(2);
  const rank = kernel.length;
  const ends = kernel.map((size, axis) => {
    const reached = (size - 1) * dilations[axis]! + (sizes[axis]! - 1) * strides[axis]! + 1;
    return Math.max(0, reached - x.shape[axis + 2]! - pads[axis]!);
  });
  const all = n * channels;
  const image = reshape(x, [1, all, ...x.shape.slice(2)]);
  const window = { strides: dilations, dilations: strides, pads: [...pads.slice(0, rank), ...ends], group: all };
  const products = conv(image, reshape(g, [all, 1, ...sizes]), undefined, window);
  // what the windows never reached gives places beyond the kernel
  const whole = firstPlaces(products, [1, all, ...kernel]);
  return reshape(reduceSum(reshape(whole, [n, channels, ...kernel]), { axes: [0] }), weight);
}

/** The first places of an image, as many as the shape has. */
export function firstPlaces(image: Value, shape: Shape): Value {
  if (sameShape(image.shape, shape)) return image;
  const axes = shape.slice(2).map((_, axis) => axis + 2);
  return slice(
    image,
    axes.map(() => 0),
    shape.slice(2),
    axes,
  );
}
