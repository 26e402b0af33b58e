import { isFloat } from '../tensor/dtype.js';
import { div, mul, neg } from './build.js';
import { binary, broadcastCases, type NoAttributes, wholeCase } from './elementwise.js';
import { evaluateBroadcast } from './evaluate.js';
import type { Op } from './op.js';

export const Div: Op<NoAttributes> = {
  ...binary(
    'Div',
    (a, b) => a / b,
    // d(a/b)/db = -(a/b)/b
    [(g, _, b) => div(g, b), (g, _, b, y) => neg(div(mul(g, y), b))],
    [...broadcastCases({ range: [0.5, 2] }), wholeCase(2)],
  ),
  // whole numbers are divided towards zero
  evaluate: (inputs, _, [y]) => [
    evaluateBroadcast(inputs, y!.shape, (a, b) => (isFloat(y!.dtype) ? a! / b! : Math.trunc(a! / b!))),
  ],
};
