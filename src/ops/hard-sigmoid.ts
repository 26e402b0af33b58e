import { and, cast, greater, less, mul } from './build.js';
import { floats, requireDType, unaryCases } from './elementwise.js';
import type { Op } from './op.js';

export type HardSigmoidAttributes = { readonly alpha: number; readonly beta: number };

/** alpha·x + beta between 0 and 1, and these outside. */
export const HardSigmoid: Op<HardSigmoidAttributes> = {
  infer: ([x]) => {
    requireDType([x!], floats);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ attributes: { alpha, beta } }) => ({
    opType: 'HardSigmoid',
    attributes: { alpha: { float: alpha }, beta: { float: beta } },
  }),
  read: (call) => ({
    inputs: [0],
    attributes: { alpha: call.float('alpha') ?? 0.2, beta: call.float('beta') ?? 0.5 },
  }),
  // no slope at the corners, as in torch's hardsigmoid
  vjp: ({ outputs: [y], attributes: { alpha } }, g) => [
    () => mul(mul(g!, cast(and(greater(y!, 0), less(y!, 1)), g!.dtype)), alpha),
  ],
  evaluate: ([x], { alpha, beta }) => [x!.data.map((value) => Math.min(Math.max(alpha * value + beta, 0), 1))],
  cases: [
    ...unaryCases({ apart: 0.01 }).map((example) => ({ ...example, attributes: { alpha: 0.375, beta: 0.5 } })),
    { name: 'falling', inputs: [{ shape: [5], apart: 0.01 }], attributes: { alpha: -0.375, beta: 0.25 } },
    {
      name: 'at the corners',
      inputs: [{ shape: [5], values: [-2, -1, 0, 1, 2] }],
      attributes: { alpha: 0.5, beta: 0.5 },
      atKink: true,
    },
  ],
};
