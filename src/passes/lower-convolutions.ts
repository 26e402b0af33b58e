import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, concat, constant, gather, gemm, maxPool, reshape, transpose } from '../ops/build.js';
import type { ConvAttributes } from '../ops/conv.js';
import type { PoolAttributes } from '../ops/pool.js';
import { sameShape, sizeOf } from '../tensor/shape.js';
import { tensor, zeros } from '../tensor/tensor.js';
import { usersOf } from './readers.js';
import { suitsWinograd, tilePixels, winogradProducts } from './winograd.js';

/** Columns beyond this many elements would cost more memory than they save time. */
const largestColumns = 2 ** 23;

/** Ops that treat every element alike, whatever the layout. */
const elementwise = new Set([
  'Relu',
  'LeakyRelu',
  'HardSigmoid',
  'Sigmoid',
  'Tanh',
  'Clip',
  'Neg',
  'Abs',
  'Exp',
  'Log',
  'Sqrt',
  'Erf',
  'Identity',
]);
const broadcasting = new Set(['Add', 'Sub', 'Mul', 'Div']);
const reductions = new Set(['ReduceMean', 'ReduceSum']);

/**
 * An image tensor [N, C, H, W] that is held as [H·W, N, C]: places first, ordered by their phase in the pooling window
 * that follows (P phases of S windows, both row by row). Pooling is then a maximum over P contiguous blocks, and its
 * gradient needs neither indices nor strides.
 */
interface Layout {
  readonly shape: readonly number[];
  /** Sides of the pooling window, or of Winograd's tiles; [1, 1] where there are neither. */
  readonly window: readonly [number, number];
}

/**
 * Convolutions as one Gather of patches (im2col) and one matrix product; what follows them element by element, by channel
 * or by pooling stays in the layout that the product gives. The columns serve the weight gradient too, and the gradient
 * of the Gather is a Gather. To be used before differentiation. Grouped convolutions and very large ones stay as they are.
 * @param byTiles whether 3×3 filters are computed by Winograd's products where they can be
 */
export function lowerConvolutions(graph: Graph, byTiles = true): Graph {
  const users = usersOf(graph);
  const chosen = convolutionsToLower(graph, users);
  const layouts = new Map<Value, Layout>();
  const restored = new Map<Value, Value>();
  /** The value as [N, C, H, W] again. */
  const restore = (value: Value): Value => {
    const layout = layouts.get(value);
    if (layout === undefined) return value;
    const known = restored.get(value);
    if (known !== undefined) return known;
    const [n, c, h, w] = layout.shape as [number, number, number, number];
    // as matrices: ONNX Runtime transposes these quickest
    const places = reshape(arranged(value, layout, [1, 1]), [h * w, n * c]);
    const image = reshape(transpose(places, [1, 0]), layout.shape);
    restored.set(value, image);
    return image;
  };
  const lowered = (value: Value, layout: Layout): readonly Value[] => {
    layouts.set(value, layout);
    return [value];
  };

  return rewriteGraph(
    graph,
    (node, inputs, target) => {
      const x = inputs[0]!;
      const layout = layouts.get(x);
      if (chosen.has(node)) {
        const { shape } = node.outputs[0]!;
        const window = windowAfter(node, users);
        if (byTiles && layout !== undefined && suitsWinograd(node, window)) {
          const result: Layout = { shape, window: [2, 2] };
          return lowered(lowerByTiles(node, x, layout, inputs, result), result);
        }
        const result: Layout = { shape, window };
        return lowered(lowerConv(node, x, layout, inputs, result), result);
      }
      if (layout !== undefined) {
        if (elementwise.has(node.op)) return lowered(target.apply(node.op, [x], node.attributes)[0]!, layout);
        if (node.op === 'MaxPool' && poolsBy(node, layout)) {
          return lowered(poolPhases(x, layout), { shape: node.outputs[0]!.shape, window: [1, 1] });
        }
        if (reductions.has(node.op) && overPlaces(node)) {
          return target.apply(node.op, [x], { axes: [0, 1], keepdims: false });
        }
      }
      const other = broadcasting.has(node.op) ? bothLowered(node, inputs, layouts) : undefined;
      if (other !== undefined) return lowered(target.apply(node.op, other.inputs, node.attributes)[0]!, other.layout);
      return target.apply(node.op, inputs.map(restore), node.attributes);
    },
    restore,
  );
}

function lowerConv(node: Node, x: Value, layout: Layout | undefined, inputs: readonly Value[], result: Layout): Value {
  const [, w, b] = inputs as [Value, Value, Value | undefined];
  const [n, c, height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [filters, , kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = result.shape as [number, number, number, number];
  const places = outHeight * outWidth;
  const taps = kernelHeight * kernelWidth;
  const pixels = patchPixels(node, result);
  let product: Value;
  if (layout === undefined) {
    // from [N, C, H, W]: what is gathered is a pixel of all images at once, into columns [C·taps, places·N]
    const source = transpose(reshape(x, [n, c * height * width]));
    const rows = new Int32Array(c * taps * places);
    for (let channel = 0, at = 0; channel < c; channel++) {
      for (let tap = 0; tap < taps; tap++) {
        for (let place = 0; place < places; place++) {
          const pixel = pixels[place * taps + tap]!;
          rows[at++] = pixel < 0 ? -1 : channel * height * width + pixel;
        }
      }
    }
    const columns = reshape(takeRows(source, rows, taps), [c * taps, places * n]);
    product = gemm(columns, reshape(w, [filters, c * taps]), b, { transA: true, transB: true });
  } else {
    // from [places, N, C]: all channels of a pixel at once, into columns [places·N, taps·C]
    const source = reshape(x, [height * width * n, c]);
    const rowOf = rowsByPlace(layout);
    const rows = new Int32Array(places * n * taps);
    for (let place = 0, at = 0; place < places; place++) {
      for (let image = 0; image < n; image++) {
        for (let tap = 0; tap < taps; tap++) {
          const pixel = pixels[place * taps + tap]!;
          rows[at++] = pixel < 0 ? -1 : rowOf[pixel]! * n + image;
        }
      }
    }
    const columns = reshape(takeRows(source, rows, taps), [places * n, taps * c]);
    const weight = reshape(transpose(w, [0, 2, 3, 1]), [filters, taps * c]);
    product = gemm(columns, weight, b, { transB: true });
  }
  return reshape(product, [places, n, filters]);
}

/** Winograd's tiles are the windows of the layout, and of a pooling that follows: their four results are its four phases. */
function lowerByTiles(node: Node, x: Value, layout: Layout, inputs: readonly Value[], result: Layout): Value {
  const [, w, b] = inputs as [Value, Value, Value | undefined];
  const [n, c, height, width] = layout.shape as [number, number, number, number];
  const [, filters, outHeight, outWidth] = result.shape as [number, number, number, number];
  const rowOf = rowsByPlace(layout);
  // a pixel is in four tiles at most
  const rows = tilePixels(node).map((pixel) => (pixel < 0 ? -1 : rowOf[pixel]!));
  const tiles = takeRows(reshape(x, [height * width, n * c]), rows, 4);
  const product = winogradProducts(reshape(tiles, [16, (outHeight * outWidth * n) / 4, c]), w);
  const places = reshape(product, [outHeight * outWidth, n, filters]);
  return b === undefined ? places : add(places, b);
}

/**
 * The rows of a matrix in the given order, -1 for a row of zeros; the matrix itself where that is its own order.
 * @param most how often a row is taken; no row of zeros is taken more often, for the sake of the Gather's gradient
 */
function takeRows(matrix: Value, rows: Int32Array, most: number): Value {
  const [count, width] = matrix.shape as [number, number];
  if (rows.length === count && rows.every((row, at) => row === at)) return matrix;
  let padding = 0;
  const taken = rows.map((row) => (row < 0 ? count + Math.floor(padding++ / most) : row));
  const nothing = zeros({ dtype: matrix.dtype, shape: [Math.ceil(padding / most), width] });
  const source = padding > 0 ? concat([matrix, constant(matrix, nothing)], 0) : matrix;
  return gather(source, constant(matrix, tensor('int32', [rows.length], taken)));
}

/** The largest of the phases, [P·S, N, C] → [S, N, C]: a MaxPool of one tall window, which keeps its rule for ties. */
function poolPhases(x: Value, { window: sides }: Layout): Value {
  const [places, n, c] = x.shape as [number, number, number];
  const phases = sides[0] * sides[1];
  const window = { kernel: [phases, 1], strides: [phases, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
  return reshape(maxPool(reshape(x, [1, 1, phases, sizeOf(x.shape) / phases]), window), [places / phases, n, c]);
}

/** For every place of the result (in its layout's order) and tap of the kernel, the pixel it reads; -1 is padding. */
function patchPixels(node: Node, { shape, window: [windowHeight, windowWidth] }: Layout): Int32Array {
  const { strides, pads, dilations } = node.attributes as ConvAttributes;
  const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [, , kernelHeight, kernelWidth] = node.inputs[1]!.shape as [number, number, number, number];
  const order = placesInOrder(shape[2]!, shape[3]!, windowHeight, windowWidth);
  const pixels = new Int32Array(order.length * kernelHeight * kernelWidth);
  let at = 0;
  for (const place of order) {
    const row = Math.floor(place / shape[3]!) * strides[0]! - pads[0]!;
    const column = (place % shape[3]!) * strides[1]! - pads[1]!;
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        const y = row + ky * dilations[0]!;
        const x = column + kx * dilations[1]!;
        pixels[at++] = y < 0 || y >= height || x < 0 || x >= width ? -1 : y * width + x;
      }
    }
  }
  return pixels;
}

/** The places of an image, row by row within a phase, phase after phase. */
function placesInOrder(height: number, width: number, windowHeight: number, windowWidth: number): Int32Array {
  const order = new Int32Array(height * width);
  let at = 0;
  for (let py = 0; py < windowHeight; py++) {
    for (let px = 0; px < windowWidth; px++) {
      for (let y = py; y < height; y += windowHeight) {
        for (let x = px; x < width; x += windowWidth) order[at++] = y * width + x;
      }
    }
  }
  return order;
}

/** For each place of an image, row by row, which row of a layout it is. */
function rowsByPlace({ shape, window }: Layout): Int32Array {
  const rows = new Int32Array(shape[2]! * shape[3]!);
  placesInOrder(shape[2]!, shape[3]!, window[0], window[1]).forEach((place, row) => {
    rows[place] = row;
  });
  return rows;
}

/** The same image in another layout. */
function arranged(x: Value, from: Layout, window: readonly [number, number]): Value {
  const [n, c, height, width] = from.shape as [number, number, number, number];
  const rowOf = rowsByPlace(from);
  const rows = placesInOrder(height, width, window[0], window[1]).map((place) => rowOf[place]!);
  return reshape(takeRows(reshape(x, [height * width, n * c]), rows, 1), [height * width, n, c]);
}

/**
 * Those that can be lowered, and whose results no op must have as an image again: to transpose images of 111×111 takes several times
 * as long as what is gained by the product (SqueezeNet 1.1 with 8 images of 224×224: 331 ms a step against 769 when all were
 * lowered, Intel Xeon, 2 threads, 2026-11-28). Grouped convolutions need images, and are most of the networks that have them.
 */
function convolutionsToLower(graph: Graph, users: ReadonlyMap<Value, readonly Node[]>): ReadonlySet<Node> {
  const chosen = new Set<Node>();
  if (graph.nodes.some(({ op, attributes }) => op === 'Conv' && attributes['group'] !== 1)) return chosen;
  for (const node of graph.nodes.toReversed())
    if (node.op === 'Conv' && canLower(node) && staysLowered(node, users, chosen)) chosen.add(node);
  return chosen;
}

/** Whether what follows a convolution, as far as there are images of more than one place, keeps its layout. */
function staysLowered(conv: Node, users: ReadonlyMap<Value, readonly Node[]>, chosen: ReadonlySet<Node>): boolean {
  const reached = new Set([conv.outputs[0]!]);
  for (const value of reached) {
    for (const user of users.get(value) ?? []) {
      const [y] = user.outputs as [Value];
      if (user.op === 'Conv') {
        if (!chosen.has(user)) return false;
      } else if (user.op === 'MaxPool') {
        const { kernel } = user.attributes as PoolAttributes;
        if (!poolsBy(user, { shape: value.shape, window: [kernel[0]!, kernel[1]!] })) return false;
        reached.add(y);
      } else if (elementwise.has(user.op) || broadcasting.has(user.op)) reached.add(y);
      else if (y.shape.length === 4 && y.shape[2]! * y.shape[3]! > 1) return false;
    }
  }
  return true;
}

function canLower({ inputs: [x, w], outputs: [y], attributes }: Node): boolean {
  const { group } = attributes as ConvAttributes;
  if (group !== 1 || x!.shape.length !== 4 || x!.shape.includes(0)) return false;
  return y!.shape[0]! * y!.shape[2]! * y!.shape[3]! * w!.shape[1]! * w!.shape[2]! * w!.shape[3]! <= largestColumns;
}

/** The window of the pooling that a convolution's result goes into, through ops that keep its layout only. */
function windowAfter(conv: Node, users: ReadonlyMap<Value, readonly Node[]>): readonly [number, number] {
  const reached = new Set([conv.outputs[0]!]);
  for (const value of reached) {
    for (const user of users.get(value) ?? []) {
      if (user.op === 'MaxPool') {
        const { kernel } = user.attributes as PoolAttributes;
        const window = [kernel[0]!, kernel[1]!] as const;
        return poolsBy(user, { shape: value.shape, window }) ? window : [1, 1];
      }
      const keeps = elementwise.has(user.op) || broadcasting.has(user.op);
      if (keeps && sameShape(user.outputs[0]!.shape, value.shape)) reached.add(user.outputs[0]!);
    }
  }
  return [1, 1];
}

/** Whether a pooling's windows are the layout's: side by side, without padding or remainder. */
function poolsBy(node: Node, { shape, window }: Layout): boolean {
  const { kernel, strides, pads, dilations } = node.attributes as PoolAttributes;
  return (
    kernel.length === 2 &&
    kernel.every((k, axis) => k === window[axis] && k === strides[axis] && shape[axis + 2]! % k === 0) &&
    pads.every((p) => p === 0) &&
    dilations.every((d) => d === 1)
  );
}

/** Reductions over everything but the channels. */
function overPlaces({ attributes, outputs }: Node): boolean {
  const axes = (attributes['axes'] as readonly number[] | undefined) ?? [];
  return outputs[0]!.shape.length === 1 && axes.length === 3 && [0, 2, 3].every((axis) => axes.includes(axis));
}

/** Operands of a broadcasting op in one layout: another of the same, a scalar, or one value per channel. */
function bothLowered(
  node: Node,
  inputs: readonly Value[],
  layouts: ReadonlyMap<Value, Layout>,
): { readonly inputs: readonly Value[]; readonly layout: Layout } | undefined {
  const layout = inputs.map((input) => layouts.get(input)).find((found) => found !== undefined);
  if (layout === undefined) return undefined;
  const fitted = inputs.map((input, i) => {
    const own = layouts.get(input);
    if (own !== undefined) return sameShape(own.shape, layout.shape) ? arranged(input, own, layout.window) : undefined;
    const { shape } = node.inputs[i]!;
    if (shape.length === 0) return input;
    const perChannel =
      shape.length === 4 && shape[0] === 1 && shape[1] === layout.shape[1] && shape[2] === 1 && shape[3] === 1;
    return perChannel ? reshape(input, [1, 1, shape[1]!]) : undefined;
  });
  return fitted.every((input) => input !== undefined) ? { inputs: fitted, layout } : undefined;
}
