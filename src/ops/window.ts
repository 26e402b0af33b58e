/** Geometry of sliding windows, shared by convolution and pooling: any number of spatial axes. */
import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import { pad, slice } from './build.js';
import { forEachIndex } from './evaluate.js';
import type { OnnxSource } from './op.js';

/** ONNX's names; pads are the begins of all spatial axes, then the ends. */
export type WindowAttributes = {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
};

/** @throws LegendaError when kernel and attributes are not whole numbers that windows can have, or not of one rank. */
export function checkWindow(rank: number, kernel: Shape, { strides, pads, dilations }: WindowAttributes): void {
  if (kernel.length !== rank || strides.length !== rank || dilations.length !== rank || pads.length !== 2 * rank) {
    throw new LegendaError(
      `kernel ${formatShape(kernel)}, strides [${strides}], dilations [${dilations}] and pads [${pads}] do not fit ${rank} spatial axes`,
    );
  }
  const lists = [
    ['kernel', kernel, 1],
    ['strides', strides, 1],
    ['dilations', dilations, 1],
    ['pads', pads, 0],
  ] as const;
  for (const [name, list, least] of lists) {
    if (list.some((value) => !Number.isSafeInteger(value) || value < least)) {
      throw new LegendaError(`${name} are [${list}], whole numbers from ${least} are expected`);
    }
  }
}

/** Sizes of the spatial axes after windows of `kernel` moved over `spatial`. @throws LegendaError when none fits. */
export function windowedSizes(spatial: Shape, kernel: Shape, attributes: WindowAttributes): number[] {
  checkWindow(spatial.length, kernel, attributes);
  const { strides, pads, dilations } = attributes;
  const rank = kernel.length;
  return spatial.map((size, axis) => {
    const reach = dilations[axis]! * (kernel[axis]! - 1) + 1;
    const padded = size + pads[axis]! + pads[rank + axis]!;
    if (padded < reach) {
      throw new LegendaError(
        `a window of ${reach} does not fit into spatial axis ${axis} of ${size} padded to ${padded}`,
      );
    }
    return Math.floor((padded - reach) / strides[axis]!) + 1;
  });
}

/** How much of each padded spatial axis the last window does not reach. */
export function unreached(
  spatial: Shape,
  kernel: Shape,
  windowed: Shape,
  { strides, pads, dilations }: WindowAttributes,
): number[] {
  return kernel.map((k, axis) => {
    const reached = (windowed[axis]! - 1) * strides[axis]! + dilations[axis]! * (k - 1) + 1;
    return spatial[axis]! + pads[axis]! + pads[kernel.length + axis]! - reached;
  });
}

/** x with its spatial axes padded. */
export function padSpatial(x: Value, pads: readonly number[], value = 0): Value {
  const rank = pads.length / 2;
  return pad(x, [0, 0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank)], value);
}

/** For every place in the window, the elements of padded x that stand there: [N, C, …windowedSizes] each. */
export function windowSlices(
  padded: Value,
  kernel: Shape,
  sizes: Shape,
  { strides, dilations }: Pick<WindowAttributes, 'strides' | 'dilations'>,
): Value[] {
  const axes = kernel.map((_, axis) => axis + 2);
  return windowPlaces(kernel).map((place) => {
    const starts = place.map((k, axis) => k * dilations[axis]!);
    const ends = starts.map((start, axis) => start + (sizes[axis]! - 1) * strides[axis]! + 1);
    return slice(padded, starts, ends, axes, strides);
  });
}

/** All places in a window, last axis fastest. */
export function windowPlaces(kernel: Shape): number[][] {
  const places: number[][] = [];
  forEachIndex(kernel, (index) => places.push([...index]));
  return places;
}

/** The window attributes of an ONNX node, `auto_pad` and `ceil_mode` turned into pads. */
export function readWindow(call: OnnxSource, kernel: Shape): WindowAttributes {
  const spatial = call.inputs[0]!.shape.slice(2);
  const strides = call.ints('strides') ?? kernel.map(() => 1);
  const dilations = call.ints('dilations') ?? kernel.map(() => 1);
  const pads = [...(call.ints('pads') ?? kernel.flatMap(() => [0, 0]))];
  const auto = call.string('auto_pad') ?? 'NOTSET';
  const rank = kernel.length;
  spatial.forEach((size, axis) => {
    const stride = strides[axis]!;
    const reach = dilations[axis]! * (kernel[axis]! - 1) + 1;
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
      const small = Math.floor(total / 2);
      pads[axis] = auto === 'SAME_UPPER' ? small : total - small;
      pads[rank + axis] = total - pads[axis]!;
    } else if (call.int('ceil_mode') === 1) {
      const padded = size + pads[axis]! + pads[rank + axis]!;
      let count = Math.ceil((padded - reach) / stride) + 1;
      // a window must start inside the data or its leading pads
      if ((count - 1) * stride >= size + pads[axis]!) count--;
      pads[rank + axis]! += Math.max(0, (count - 1) * stride + reach - padded);
    }
  });
  return { strides, pads, dilations };
}
