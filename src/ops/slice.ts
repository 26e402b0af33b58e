import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { normaliseAxis, type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import { pad, reshape, slice } from './build.js';
import { int64s } from './emit.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

export type SliceAttributes = {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
};

/** What a Slice takes along an axis: `count` elements from `start` in steps. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Bounds as ONNX reads them: negative ones count from the end, all are clamped to the axis. */
export function ranges(shape: Shape, { starts, ends, axes, steps }: SliceAttributes): Range[] {
  return axes.map((given, i) => {
    const axis = normaliseAxis(given, shape.length);
    const size = shape[axis]!;
    const step = steps[i]!;
    if (step === 0) throw new LegendaError(`the step along axis ${axis} is 0`);
    const fromEnd = (bound: number): number => (bound < 0 ? bound + size : bound);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (bound: number): number => Math.min(Math.max(bound, low), high);
    const start = step > 0 ? clamp(fromEnd(starts[i]!)) : Math.max(clamp(fromEnd(starts[i]!)), 0);
    const end = clamp(fromEnd(ends[i]!));
    // backwards, a start before the axis is clamped into it, if it has an element at all
    const count = size === 0 ? 0 : Math.max(0, Math.ceil((end - start) / step));
    return { axis, start, step, count };
  });
}

export const Slice: Op<SliceAttributes> = {
  infer: ([x], attributes) => {
    const shape = [...x!.shape];
    for (const { axis, count } of ranges(x!.shape, attributes)) shape[axis] = count;
    return [{ dtype: x!.dtype, shape }];
  },
  emit: ({ attributes: { starts, ends, axes, steps } }) => ({
    opType: 'Slice',
    inputs: [0, int64s(starts), int64s(ends), int64s(axes), int64s(steps)],
  }),
  read: (call) => {
    const starts = call.ints('starts') ?? call.constant(1)!;
    const ends = call.ints('ends') ?? call.constant(2)!;
    const axes = call.ints('axes') ?? call.constant(3) ?? starts.map((_, i) => i);
    const steps = call.constant(4) ?? starts.map(() => 1);
    return { inputs: [0], attributes: { starts, ends, axes, steps } };
  },
  vjp: ({ inputs: [x], attributes }, g) => [
    () =>
      ranges(x!.shape, attributes).reduce((cotangent, range) => spread(cotangent, x!.shape[range.axis]!, range), g!),
  ],
  evaluate: ([x], attributes, [y]) => {
    const strides = stridesOf(x!.shape);
    const steps = [...strides];
    let offset = 0;
    for (const { axis, start, step } of ranges(x!.shape, attributes)) {
      offset += start * strides[axis]!;
      steps[axis] = step * strides[axis]!;
    }
    const result = new Float64Array(sizeOf(y!.shape));
    forEachIndex(y!.shape, (index, position) => {
      result[position] = x!.data[index.reduce((at, i, axis) => at + i * steps[axis]!, offset)]!;
    });
    return [result];
  },
  cases: [
    {
      name: 'backwards of nothing',
      inputs: [{ shape: [0, 2] }],
      attributes: { starts: [0], ends: [-9], axes: [0], steps: [-1] },
    },
    {
      name: 'backwards from the middle',
      inputs: [{ shape: [6, 2] }],
      attributes: { starts: [4], ends: [0], axes: [0], steps: [-3] },
    },
    {
      name: 'forwards and backwards',
      inputs: [{ shape: [5, 4] }],
      attributes: { starts: [1, 9], ends: [5, 0], axes: [0, 1], steps: [2, -1] },
    },
    { name: 'of nothing', inputs: [{ shape: [0, 2] }], attributes: { starts: [0], ends: [5], axes: [0], steps: [1] } },
    {
      name: 'a block',
      inputs: [{ shape: [4, 5] }],
      attributes: { starts: [1, 2], ends: [3, 5], axes: [0, 1], steps: [1, 1] },
    },
    { name: 'steps', inputs: [{ shape: [7] }], attributes: { starts: [1], ends: [7], axes: [0], steps: [3] } },
    {
      name: 'backwards',
      inputs: [{ shape: [2, 5] }],
      attributes: { starts: [-1], ends: [-100], axes: [-1], steps: [-2] },
    },
    { name: 'clamped', inputs: [{ shape: [3, 2] }], attributes: { starts: [-9], ends: [99], axes: [0], steps: [1] } },
    { name: 'empty', inputs: [{ shape: [3, 2] }], attributes: { starts: [2], ends: [1], axes: [0], steps: [1] } },
  ],
};

/** The cotangent of one axis's range: its elements `step` apart in `size` zeros. */
function spread(g: Value, size: number, { axis, start, step, count }: Range): Value {
  if (count === 0) return padAxis(g, axis, 0, size);
  const forward = step < 0 ? slice(g, [-1], [Number.MIN_SAFE_INTEGER], [axis], [-1]) : g;
  const stride = Math.abs(step);
  const first = step < 0 ? start + step * (count - 1) : start;
  const stuffed = stride === 1 || count === 1 ? forward : stuff(forward, axis, stride);
  const length = stuffed.shape[axis]!;
  // the zeros behind the last element may reach beyond the axis: a negative pad takes them away
  return padAxis(stuffed, axis, first, size - first - length);
}

/** stride - 1 zeros behind every element along an axis. */
function stuff(x: Value, axis: number, stride: number): Value {
  const shape = x.shape;
  const apart = reshape(x, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const padded = padAxis(apart, axis + 1, 0, stride - 1);
  return reshape(padded, [...shape.slice(0, axis), shape[axis]! * stride, ...shape.slice(axis + 1)]);
}

function padAxis(x: Value, axis: number, before: number, after: number): Value {
  const rank = x.shape.length;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return pad(x, pads);
}
