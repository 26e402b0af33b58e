import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';
import { constant, convTranspose, div, reshape } from './build.js';
import { floats, requireDType } from './elementwise.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';
import { emitPool, inferPool, type PoolAttributes, readPool } from './pool.js';
import { unreached, windowPlaces } from './window.js';

export type AveragePoolAttributes = PoolAttributes & {
  /** Whether padding counts as zeros, or is left out of the mean. */
  readonly countIncludePad: boolean;
};

export const AveragePool: Op<AveragePoolAttributes> = {
  infer: (inputs, attributes) => {
    requireDType(inputs, floats);
    // ONNX has them from opset 19 on
    if (attributes.dilations.some((d) => d !== 1)) {
      throw new LegendaError(`dilations [${attributes.dilations}] are not supported, only 1`);
    }
    return inferPool(inputs, attributes);
  },
  emit: ({ attributes }) => ({
    opType: 'AveragePool',
    attributes: { ...emitPool(attributes), count_include_pad: { int: Number(attributes.countIncludePad) } },
  }),
  read: (call) => {
    const countIncludePad = call.int('count_include_pad') === 1;
    if (countIncludePad && call.int('ceil_mode') === 1) {
      throw new LegendaError('count_include_pad = 1 together with ceil_mode = 1 is not supported');
    }
    return { inputs: [0], attributes: { ...readPool(call), countIncludePad } };
  },
  vjp: ({ inputs: [x], attributes }, g) => [() => averagePoolGradient(x!.shape, g!, attributes)],
  evaluate: ([x], attributes, [y]) => {
    const { countIncludePad, kernel } = attributes;
    const steps = stridesOf(x!.shape);
    const result = new Float64Array(sizeOf(y!.shape));
    forEachIndex(y!.shape, ([n, c, ...at], position) => {
      const sources = windowSources(at, x!.shape.slice(2), attributes);
      let sum = 0;
      for (const source of sources) {
        sum += x!.data[source.reduce((p, i, axis) => p + i * steps[axis + 2]!, n! * steps[0]! + c! * steps[1]!)]!;
      }
      result[position] = sum / (countIncludePad ? sizeOf(kernel) : sources.length);
    });
    return [result];
  },
  cases: [
    {
      name: 'three spatial axes',
      inputs: [{ shape: [1, 2, 3, 2, 4] }],
      attributes: {
        kernel: [2, 1, 3],
        strides: [1, 1, 2],
        pads: [1, 0, 0, 0, 0, 1],
        dilations: [1, 1, 1],
        countIncludePad: false,
      },
    },
    {
      name: 'no images',
      inputs: [{ shape: [0, 2, 4, 4] }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], countIncludePad: false },
    },
    {
      name: '2 by 2',
      inputs: [{ shape: [2, 3, 4, 6] }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], countIncludePad: false },
    },
    {
      name: 'overlapping, pads left out',
      inputs: [{ shape: [1, 2, 5, 6] }],
      attributes: { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], countIncludePad: false },
    },
    {
      name: 'overlapping, pads counted',
      inputs: [{ shape: [1, 2, 5, 6] }],
      attributes: { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], countIncludePad: true },
    },
    {
      name: 'odd strides and pads',
      inputs: [{ shape: [1, 2, 7, 6] }],
      attributes: { kernel: [3, 2], strides: [3, 1], pads: [1, 0, 2, 1], dilations: [1, 1], countIncludePad: false },
    },
    {
      name: 'stride beyond the window, odd sides',
      inputs: [{ shape: [1, 1, 7, 9] }],
      attributes: { kernel: [2, 2], strides: [3, 4], pads: [0, 0, 0, 0], dilations: [1, 1], countIncludePad: false },
    },
    {
      name: 'one spatial axis',
      inputs: [{ shape: [2, 2, 7] }],
      attributes: { kernel: [3], strides: [2], pads: [1, 1], dilations: [1], countIncludePad: false },
    },
    {
      name: 'size 1',
      inputs: [{ shape: [1, 1, 1, 1] }],
      attributes: { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], countIncludePad: false },
    },
  ],
};

/** Places inside the data that the window of result `at` covers. */
function windowSources(at: readonly number[], spatial: Shape, { kernel, strides, pads }: PoolAttributes): number[][] {
  return windowPlaces(kernel)
    .map((place) => place.map((k, axis) => at[axis]! * strides[axis]! + k - pads[axis]!))
    .filter((source) => source.every((i, axis) => i >= 0 && i < spatial[axis]!));
}

/** Every element of a window gets an equal part of its cotangent: a transposed convolution with ones, channel by channel. */
function averagePoolGradient(shape: Shape, g: Value, attributes: AveragePoolAttributes): Value {
  const { kernel, strides, pads, dilations } = attributes;
  const [n, c, ...spatial] = shape as [number, number, ...number[]];
  const shares = div(g, attributes.countIncludePad ? sizeOf(kernel) : windowCounts(g, spatial, attributes));
  const images = reshape(shares, [n * c, 1, ...g.shape.slice(2)]);
  const ones = constant(g, tensor(g.dtype, [1, 1, ...kernel], new Array<number>(sizeOf(kernel)).fill(1)));
  const outputPadding = unreached(spatial, kernel, g.shape.slice(2), attributes);
  return reshape(convTranspose(images, ones, { strides, pads, dilations, group: 1, outputPadding }), shape);
}

/** How many elements of the data each window covers. */
function windowCounts(g: Value, spatial: Shape, attributes: AveragePoolAttributes): Value | number {
  if (attributes.pads.every((p) => p === 0)) return sizeOf(attributes.kernel);
  const counts: number[] = [];
  forEachIndex(g.shape.slice(2), (at) => counts.push(windowSources(at, spatial, attributes).length));
  return constant(g, tensor(g.dtype, g.shape.slice(2), counts));
}
