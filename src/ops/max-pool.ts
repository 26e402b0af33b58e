import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { sizeOf, stridesOf } from '../tensor/shape.js';
import { zeros } from '../tensor/tensor.js';
import {
  add,
  cast,
  concat,
  constant,
  depthToSpace,
  greater,
  mul,
  pad,
  reshape,
  slice,
  sub,
  unsqueeze,
} from './build.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';
import { emitPool, inferPool, type PoolAttributes, readPool } from './pool.js';
import { padSpatial, windowPlaces, windowSlices } from './window.js';

export const MaxPool: Op<PoolAttributes> = {
  infer: inferPool,
  emit: ({ attributes }) => ({
    opType: 'MaxPool',
    attributes: { ...emitPool(attributes), dilations: { ints: attributes.dilations } },
  }),
  read: (call) => {
    if (call.outputCount > 1) throw new LegendaError('the Indices output is not supported');
    return { inputs: [0], attributes: readPool(call) };
  },
  vjp: ({ inputs: [x], outputs: [y], attributes }, g) => [() => maxPoolGradient(x!, y!, g!, attributes)],
  evaluate: ([x], { kernel, strides, pads, dilations }, [y]) => {
    const steps = stridesOf(x!.shape);
    const places = windowPlaces(kernel);
    const result = new Float64Array(sizeOf(y!.shape)).fill(-Infinity);
    forEachIndex(y!.shape, ([n, c, ...at], position) => {
      for (const place of places) {
        const source = at.map((i, axis) => i * strides[axis]! + place[axis]! * dilations[axis]! - pads[axis]!);
        if (source.some((i, axis) => i < 0 || i >= x!.shape[axis + 2]!)) continue;
        const atX = source.reduce((sum, i, axis) => sum + i * steps[axis + 2]!, n! * steps[0]! + c! * steps[1]!);
        result[position] = Math.max(result[position]!, x!.data[atX]!);
      }
    });
    return [result];
  },
  cases: [
    {
      name: 'three spatial axes',
      inputs: [{ shape: [1, 1, 4, 3, 4], apart: 0.01 }],
      attributes: { kernel: [2, 2, 3], strides: [2, 1, 1], pads: [0, 0, 1, 0, 0, 1], dilations: [1, 1, 1] },
    },
    {
      name: 'all below zero, padded',
      inputs: [{ shape: [1, 1, 2, 2], values: [-1, -2, -3, -4] }],
      attributes: { kernel: [2, 2], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
    },
    {
      name: 'ties',
      inputs: [{ shape: [1, 2, 3, 3], values: [0, 1, 1, 1, 0, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2] }],
      attributes: { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] },
      atKink: true,
    },
    {
      name: 'no images',
      inputs: [{ shape: [0, 2, 4, 4] }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      name: '2 by 2',
      inputs: [{ shape: [2, 3, 4, 6], apart: 0.01 }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      name: '2 by 2, odd sides',
      inputs: [{ shape: [1, 2, 5, 3], apart: 0.01 }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      name: 'overlapping 4 by 4, stride 2',
      inputs: [{ shape: [1, 2, 8, 8], apart: 0.01 }],
      attributes: { kernel: [4, 4], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      name: 'odd strides and pads',
      inputs: [{ shape: [1, 2, 7, 6], apart: 0.01 }],
      attributes: { kernel: [3, 2], strides: [3, 1], pads: [1, 0, 1, 1], dilations: [1, 1] },
    },
    {
      name: 'stride beyond the window',
      inputs: [{ shape: [1, 1, 8, 8], apart: 0.01 }],
      attributes: { kernel: [2, 2], strides: [3, 3], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      name: 'dilations',
      inputs: [{ shape: [1, 1, 7, 7], apart: 0.01 }],
      attributes: { kernel: [2, 3], strides: [2, 1], pads: [0, 0, 0, 0], dilations: [3, 2] },
    },
    {
      name: 'one spatial axis',
      inputs: [{ shape: [2, 2, 7], apart: 0.01 }],
      attributes: { kernel: [3], strides: [2], pads: [1, 1], dilations: [1] },
    },
    {
      name: 'size 1',
      inputs: [{ shape: [1, 1, 1, 1] }],
      attributes: { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
  ],
};

/**
 * Each window's cotangent goes to the first of its largest elements (as in PyTorch). Place by place: where the maximum
 * is greater, what is left of the cotangent is passed on; elsewhere the element takes it. The parts are then added into an
 * image, without an index tensor.
 */
function maxPoolGradient(x: Value, y: Value, g: Value, attributes: PoolAttributes): Value {
  const { kernel, strides, pads, dilations } = attributes;
  const sizes = y.shape.slice(2);
  // the lowest finite float32: every runtime pads with it
  const slices = windowSlices(padSpatial(x, pads, -3.4028234663852886e38), kernel, sizes, attributes);
  let left = g;
  const parts = slices.map((elements, k) => {
    if (k === slices.length - 1) return left;
    const passed = mul(left, cast(greater(y, elements), left.dtype));
    const part = sub(left, passed);
    left = passed;
    return part;
  });
  const starts = windowPlaces(kernel).map((place) => place.map((k, axis) => k * dilations[axis]! - pads[axis]!));
  return addStrided(parts, starts, strides, x.shape.slice(2));
}

/**
 * Σ over parts of the part's elements set `strides` apart from `start`, in zeros of spatial size `sizes`; what falls beside them is left
 * out. Parts that fall on the same phase of the strides are added while small; the phases are then interleaved in one go.
 */
function addStrided(
  parts: readonly Value[],
  starts: readonly number[][],
  strides: readonly number[],
  sizes: readonly number[],
): Value {
  const counts = sizes.map((size, axis) => Math.ceil(size / strides[axis]!));
  const phases = windowPlaces(strides).map((phase) => {
    let sum: Value | undefined;
    parts.forEach((part, i) => {
      const start = starts[i]!;
      if (!start.every((s, axis) => (s - phase[axis]!) % strides[axis]! === 0)) return;
      const before = start.map((s, axis) => Math.floor(s / strides[axis]!));
      const after = before.map((b, axis) => counts[axis]! - b - part.shape[axis + 2]!);
      const placed = pad(part, [0, 0, ...before, 0, 0, ...after]);
      sum = sum === undefined ? placed : add(sum, placed);
    });
    return sum;
  });
  return interleave(phases, parts[0]!, strides, counts, sizes);
}

/** The phases (last axis fastest) woven into one image and cut to `sizes`. */
function interleave(
  phases: readonly (Value | undefined)[],
  like: Value,
  strides: readonly number[],
  counts: readonly number[],
  sizes: readonly number[],
): Value {
  const [n, c] = like.shape as [number, number];
  const none = constant(like, zeros({ dtype: like.dtype, shape: [n, c, ...counts] }));
  let images = phases.map((phase) => phase ?? none);
  if (strides.length === 2 && strides[0] === strides[1]) {
    images = [strides[0] === 1 ? images[0]! : depthToSpace(concat(images, 1), strides[0]!)];
  } else {
    for (let axis = strides.length - 1; axis >= 0; axis--) images = weave(images, strides[axis]!, axis + 2);
  }
  const woven = images[0]!;
  const axes = sizes.map((_, axis) => axis + 2);
  if (sizes.every((size, axis) => size === woven.shape[axis + 2])) return woven;
  return slice(woven, new Array<number>(sizes.length).fill(0), sizes, axes);
}

/** Every `stride` neighbouring images become one, alternating along `axis`. */
function weave(images: readonly Value[], stride: number, axis: number): Value[] {
  if (stride === 1) return [...images];
  return Array.from({ length: images.length / stride }, (_, i) => {
    const group = images.slice(i * stride, (i + 1) * stride).map((image) => unsqueeze(image, [axis + 1]));
    const shape = images[0]!.shape.map((size, a) => (a === axis ? size * stride : size));
    return reshape(concat(group, axis + 1), shape);
  });
}
