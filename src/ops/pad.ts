import { LegendaError } from '../errors.js';
import { sizeOf, stridesOf } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';
import { pad } from './build.js';
import { int64s } from './emit.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

export type PadAttributes = {
  /** Begins of all axes, then ends of all axes; negative ones take elements away. */
  readonly pads: readonly number[];
  readonly value: number;
};

export const Pad: Op<PadAttributes> = {
  infer: ([x], { pads }) => {
    const rank = x!.shape.length;
    if (pads.length !== 2 * rank) throw new LegendaError(`${2 * rank} pads are expected, ${pads.length} came`);
    const shape = x!.shape.map((size, axis) => size + pads[axis]! + pads[rank + axis]!);
    if (shape.some((size) => size < 0)) throw new LegendaError(`pads [${pads}] take away more than there is`);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: ({ inputs: [x], attributes: { pads, value } }) => ({
    opType: 'Pad',
    inputs: value === 0 ? [0, int64s(pads)] : [0, int64s(pads), tensor(x!.dtype, [], [value])],
  }),
  read: (call) => {
    const mode = call.string('mode') ?? 'constant';
    if (!['constant', 'edge', 'reflect', 'wrap'].includes(mode))
      throw new LegendaError(`mode "${mode}" is not supported`);
    const given = call.ints('pads') ?? call.constant(1)!;
    const value = call.float('value') ?? call.constant(2)?.[0] ?? 0;
    const axes = call.constant(3);
    const rank = call.inputs[0]!.shape.length;
    if (axes === undefined) return { inputs: [0], attributes: { pads: given, value } };
    const pads = new Array<number>(2 * rank).fill(0);
    axes.forEach((axis, i) => {
      const at = axis < 0 ? axis + rank : axis;
      pads[at] = given[i]!;
      pads[rank + at] = given[axes.length + i]!;
    });
    return { inputs: [0], attributes: { pads, value } };
  },
  vjp: ({ attributes: { pads } }, g) => [
    () =>
      pad(
        g!,
        pads.map((p) => -p),
      ),
  ],
  evaluate: ([x], { pads, value }, [y]) => {
    const strides = stridesOf(x!.shape);
    const result = new Float64Array(sizeOf(y!.shape)).fill(value);
    forEachIndex(y!.shape, (index, position) => {
      const source = index.map((i, axis) => i - pads[axis]!);
      if (source.every((i, axis) => i >= 0 && i < x!.shape[axis]!)) {
        result[position] = x!.data[source.reduce((at, i, axis) => at + i * strides[axis]!, 0)]!;
      }
    });
    return [result];
  },
  cases: [
    { name: 'four axes', inputs: [{ shape: [1, 2, 2, 3] }], attributes: { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: -1 } },
    { name: 'zeros around', inputs: [{ shape: [2, 3] }], attributes: { pads: [1, 0, 2, 1], value: 0 } },
    { name: 'a value in front', inputs: [{ shape: [2] }], attributes: { pads: [2, 0], value: 1.5 } },
    { name: 'negative pads', inputs: [{ shape: [3, 4] }], attributes: { pads: [-1, 1, 0, -2], value: 0 } },
    { name: 'around nothing', inputs: [{ shape: [0, 2] }], attributes: { pads: [1, 0, 1, 0], value: 0 } },
  ],
};
