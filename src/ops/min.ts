import { mul } from './build.js';
import { binary, broadcastCases, type NoAttributes, readPair } from './elementwise.js';
import { share } from './max.js';
import type { Op } from './op.js';

export const Min: Op<NoAttributes> = {
  ...binary(
    'Min',
    Math.min,
    [(g, a, b) => mul(g, share(b, a)), (g, a, b) => mul(g, share(a, b))],
    [
      ...broadcastCases({ apart: 0.01 }),
      {
        name: 'ties',
        inputs: [
          { shape: [3], values: [1, -2, 0] },
          { shape: [3], values: [1, -2, 1] },
        ],
        attributes: {},
      },
    ],
  ),
  read: readPair,
};
