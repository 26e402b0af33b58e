import { greater, mul, where } from './build.js';
import { floats, requireDType, unaryCases } from './elementwise.js';
import type { Op } from './op.js';

export type LeakyReluAttributes = { readonly alpha: number };

/** x where it is positive, alpha·x elsewhere. */
export const LeakyRelu: Op<LeakyReluAttributes> = {
  infer: ([x]) => {
    requireDType([x!], floats);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ attributes: { alpha } }) => ({ opType: 'LeakyRelu', attributes: { alpha: { float: alpha } } }),
  read: (call) => ({ inputs: [0], attributes: { alpha: call.float('alpha') ?? 0.01 } }),
  vjp: ({ inputs: [x], attributes: { alpha } }, g) => [() => where(greater(x!, 0), g!, mul(g!, alpha))],
  evaluate: ([x], { alpha }) => [x!.data.map((value) => (value > 0 ? value : alpha * value))],
  cases: [
    ...unaryCases({ apart: 0.01 }).map((example) => ({ ...example, attributes: { alpha: 0.25 } })),
    { name: 'negative slope', inputs: [{ shape: [5], apart: 0.01 }], attributes: { alpha: -0.5 } },
    { name: 'at zero', inputs: [{ shape: [3], values: [0, -1, 1] }], attributes: { alpha: 0.25 }, atKink: true },
  ],
};
