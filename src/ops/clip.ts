import { LegendaError } from '../errors.js';
import { tensor } from '../tensor/tensor.js';
import { cast, equal, mul } from './build.js';
import type { Op } from './op.js';

export type ClipAttributes = {
  /** No limit when undefined. */
  readonly min: number | undefined;
  readonly max: number | undefined;
};

export const Clip: Op<ClipAttributes> = {
  infer: ([x], { min = -Infinity, max = Infinity }) => {
    if (!(min <= max)) throw new LegendaError(`min is ${min} and max ${max}, min at most max is expected`);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ inputs: [x], attributes: { min, max } }) => {
    const bound = (value: number | undefined) => (value === undefined ? undefined : tensor(x!.dtype, [], [value]));
    return { opType: 'Clip', inputs: [0, bound(min), bound(max)] };
  },
  read: (call) => ({
    inputs: [0],
    attributes: {
      min: limit(call.float('min') ?? call.constant(1)?.[0]),
      max: limit(call.float('max') ?? call.constant(2)?.[0]),
    },
  }),
  // the bounds themselves still let the cotangent through, as in torch.clamp
  vjp: ({ inputs: [x], outputs: [y], attributes: { min, max } }, g) => [
    () => (min === undefined && max === undefined ? g! : mul(g!, cast(equal(x!, y!), g!.dtype))),
  ],
  evaluate: ([x], { min = -Infinity, max = Infinity }) => [x!.data.map((value) => Math.min(Math.max(value, min), max))],
  cases: [
    { name: 'both bounds', inputs: [{ shape: [2, 5], apart: 0.01 }], attributes: { min: -0.5, max: 1 } },
    { name: 'from below', inputs: [{ shape: [2, 5], apart: 0.01 }], attributes: { min: 0, max: undefined } },
    { name: 'from above', inputs: [{ shape: [7], apart: 0.01 }], attributes: { min: undefined, max: 0 } },
    { name: 'no bounds', inputs: [{ shape: [3] }], attributes: { min: undefined, max: undefined } },
    {
      name: 'on the bounds',
      inputs: [{ shape: [4], values: [-1, -2, 1, 2] }],
      attributes: { min: -1, max: 1 },
      atKink: true,
    },
    {
      name: 'whole numbers',
      inputs: [{ shape: [3], dtype: 'int64', values: [-5, 1, 9] }],
      attributes: { min: -2, max: 3 },
    },
    { name: 'size 0', inputs: [{ shape: [0, 2] }], attributes: { min: -1, max: 1 } },
  ],
};

/** A bound as the file gives it: whole numbers that no double has, such as the largest int64, stand for none. */
const limit = (bound: number | undefined): number | undefined =>
  bound !== undefined && Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;
