import { LegendaError } from '../errors.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { reshape } from './build.js';
import { int64s } from './emit.js';
import type { Op } from './op.js';

export type ReshapeAttributes = {
  /** One size may be -1: what is left. */
  readonly shape: readonly number[];
};

export const Reshape: Op<ReshapeAttributes> = {
  infer: ([x], { shape }) => {
    const left = sizeOf(x!.shape) / sizeOf(shape.filter((size) => size !== -1));
    const whole =
      shape.filter((size) => size === -1).length === 1 ? shape.map((size) => (size === -1 ? left : size)) : shape;
    if (whole.some((size) => !Number.isInteger(size) || size < 0) || sizeOf(whole) !== sizeOf(x!.shape)) {
      throw new LegendaError(`cannot reshape ${formatShape(x!.shape)} to ${formatShape(shape)}`);
    }
    return [{ dtype: x!.dtype, shape: whole }];
  },
  emit: ({ attributes: { shape } }) => ({
    opType: 'Reshape',
    // 0 would mean "as in the input"
    attributes: { allowzero: { int: Number(shape.includes(0)) } },
    inputs: [0, int64s(shape)],
  }),
  read: (call) => {
    const wanted = call.ints('shape') ?? call.constant(1)!;
    const from = call.inputs[0]!.shape;
    const keepZero = call.int('allowzero') === 1;
    const shape = wanted.map((size, axis) => (size === 0 && !keepZero ? (from[axis] ?? 0) : size));
    const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
    return {
      inputs: [0],
      attributes: { shape: shape.map((size) => (size === -1 ? (known === 0 ? 0 : sizeOf(from) / known) : size)) },
    };
  },
  vjp: ({ inputs: [x] }, g) => [() => reshape(g!, x!.shape)],
  evaluate: ([x]) => [x!.data.slice()],
  cases: [
    { name: 'two axes to three', inputs: [{ shape: [4, 3] }], attributes: { shape: [2, 2, 3] } },
    { name: 'to one axis', inputs: [{ shape: [2, 1, 3] }], attributes: { shape: [6] } },
    { name: 'to a scalar', inputs: [{ shape: [1, 1] }], attributes: { shape: [] } },
    { name: 'size 0', inputs: [{ shape: [0, 3] }], attributes: { shape: [3, 0] } },
  ],
};
