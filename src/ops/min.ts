import { mul } from './build.js';
import { binary, broadcastCases, equalsCase, type NoAttributes, readPair, wholeCase } from './elementwise.js';
import { share } from './max.js';
import type { Op } from './op.js';

export const Min: Op<NoAttributes> = {
  ...binary(
    'Min',
    Math.min,
    [(g, a, b) => mul(g, share(b, a)), (g, a, b) => mul(g, share(a, b))],
    [...broadcastCases({ apart: 0.01 }), equalsCase('float32'), wholeCase(2)],
  ),
  read: readPair,
};
