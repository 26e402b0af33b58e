import type { Value } from '../graph/graph.js';
import { add, cast, greater, greaterOrEqual, mul } from './build.js';
import { binary, broadcastCases, equalsCase, type NoAttributes, readPair, wholeCase } from './elementwise.js';
import type { Op } from './op.js';

export const Max: Op<NoAttributes> = {
  ...binary(
    'Max',
    Math.max,
    [(g, a, b) => mul(g, share(a, b)), (g, a, b) => mul(g, share(b, a))],
    [...broadcastCases({ apart: 0.01 }), equalsCase('float32'), wholeCase(2)],
  ),
  read: readPair,
};

/** 1 where a is the larger, 1/2 where both are equal, else 0: `torch.maximum`'s gradient. */
export function share(a: Value, b: Value): Value {
  return mul(add(cast(greaterOrEqual(a, b), a.dtype), cast(greater(a, b), a.dtype)), 0.5);
}
