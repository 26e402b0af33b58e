import { LegendaError } from '../errors.js';
import { normaliseAxis, sizeOf } from '../tensor/shape.js';
import { concat } from './build.js';
import { int64s } from './emit.js';
import type { OnnxSource, Op } from './op.js';

export type SplitAttributes = { readonly sizes: readonly number[]; readonly axis: number };

export const Split: Op<SplitAttributes> = {
  infer: ([x], { sizes, axis: given }) => {
    const axis = normaliseAxis(given, x!.shape.length);
    if (sizes.some((size) => size < 0) || sizes.reduce((sum, size) => sum + size, 0) !== x!.shape[axis]) {
      throw new LegendaError(`parts [${sizes}] do not make up axis ${axis} of ${x!.shape[axis]}`);
    }
    return sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.map((all, a) => (a === axis ? size : all)) }));
  },
  emit: ({ attributes: { sizes, axis } }) => ({
    opType: 'Split',
    attributes: { axis: { int: axis } },
    inputs: [0, int64s(sizes)],
  }),
  read: (call) => {
    const axis = call.int('axis') ?? 0;
    return {
      inputs: [0],
      attributes: { sizes: call.ints('split') ?? call.constant(1) ?? evenSizes(call, axis), axis },
    };
  },
  vjp: ({ attributes: { axis } }, ...cotangents) => [() => concat(cotangents, axis)],
  evaluate: ([x], { sizes, axis: given }) => {
    const axis = normaliseAxis(given, x!.shape.length);
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const row = x!.shape[axis]! * inner;
    const outer = sizeOf(x!.shape.slice(0, axis));
    let start = 0;
    return sizes.map((size) => {
      const part = new Float64Array(outer * size * inner);
      for (let o = 0; o < outer; o++) {
        part.set(x!.data.subarray(o * row + start * inner, o * row + (start + size) * inner), o * size * inner);
      }
      start += size;
      return part;
    });
  },
  cases: [
    { name: 'columns', inputs: [{ shape: [2, 5] }], attributes: { sizes: [2, 3], axis: -1 } },
    { name: 'rows', inputs: [{ shape: [4, 2] }], attributes: { sizes: [1, 2, 1], axis: 0 } },
    { name: 'a middle axis', inputs: [{ shape: [2, 4, 3] }], attributes: { sizes: [2, 2], axis: 1 } },
    { name: 'many parts', inputs: [{ shape: [60, 2] }], attributes: { sizes: Array<number>(60).fill(1), axis: 0 } },
    { name: 'one part', inputs: [{ shape: [3] }], attributes: { sizes: [3], axis: 0 } },
    { name: 'an empty part', inputs: [{ shape: [2, 3] }], attributes: { sizes: [3, 0], axis: 1 } },
  ],
};

/** As many parts as there are outputs; the last is smaller when they do not divide the axis. */
function evenSizes(call: OnnxSource, given: number): number[] {
  const shape = call.inputs[0]!.shape;
  const size = shape[normaliseAxis(given, shape.length)]!;
  const count = call.outputCount;
  const told = call.int('num_outputs') ?? count;
  if (told !== count) throw new LegendaError(`num_outputs is ${told} for ${count} outputs`);
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
}
