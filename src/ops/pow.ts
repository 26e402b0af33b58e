import { LegendaError } from '../errors.js';
import { isFloat } from '../tensor/dtype.js';
import { log, mul, pow, sub } from './build.js';
import type { NoAttributes } from './elementwise.js';
import { binary, broadcastCases } from './elementwise.js';
import type { Op } from './op.js';

const base = binary(
  'Pow',
  (a, b) => a ** b,
  // da: b·a^(b-1); db: a^b·log a, so a must be positive where b is trained
  [(g, a, b) => mul(g, mul(b, pow(a, sub(b, 1)))), (g, a, _, y) => mul(g, mul(y, log(a)))],
  broadcastCases({ range: [0.5, 2] }),
);

export const Pow: Op<NoAttributes> = {
  ...base,
  infer: (inputs, attributes) => {
    if (!inputs.every(({ dtype }) => isFloat(dtype))) throw new LegendaError('float bases and exponents are expected');
    return base.infer(inputs, attributes);
  },
};
