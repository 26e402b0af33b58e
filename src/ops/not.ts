import { type NoAttributes, requireBool, unary, unaryCases } from './elementwise.js';
import type { Op } from './op.js';

const base = unary('Not', (x) => Number(x === 0), 'a truth value has no derivative', unaryCases({ dtype: 'bool' }));

export const Not: Op<NoAttributes> = {
  ...base,
  infer: (inputs, attributes) => {
    requireBool(inputs);
    return base.infer(inputs, attributes);
  },
};
