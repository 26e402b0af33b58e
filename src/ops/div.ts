import { div, mul, neg } from './build.js';
import { binary, broadcastCases } from './elementwise.js';

export const Div = binary(
  'Div',
  (a, b) => a / b,
  // d(a/b)/db = -(a/b)/b
  [(g, _, b) => div(g, b), (g, _, b, y) => neg(div(mul(g, y), b))],
  broadcastCases({ range: [0.5, 2] }),
);
