import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import { type ReduceAttributes, readReduce } from '../../ops/reduce.js';
import type { Importer } from '../importer.js';
import { composed } from './composed.js';

const reduction = (of: (x: Value, over: ReduceAttributes) => Value): Importer =>
  composed((x, node) => of(x, readReduce(node).attributes));

/** The smallest normal number: below it the root has no slope, as that of torch's norm at 0. */
const least = 2 ** -126;

/** Shifted by the largest, so that no exponential overflows. */
function logSumExp(x: Value, { axes, keepdims }: ReduceAttributes): Value {
  const largest = build.reduceMax(x, { axes, keepdims: true });
  const rest = build.log(build.reduceSum(build.exp(build.sub(x, largest)), { axes, keepdims: true }));
  const result = build.add(rest, largest);
  return keepdims ? result : build.reduceSum(result, { axes });
}

export const reductions: Readonly<Record<string, Importer>> = {
  ArgMin: composed((x, node) => {
    if (node.int('select_last_index') === 1) throw new LegendaError('select_last_index = 1 is not supported');
    return build.argMax(build.neg(x), node.int('axis') ?? 0, node.int('keepdims') !== 0);
  }),
  ReduceL1: reduction((x, over) => build.reduceSum(build.abs(x), over)),
  ReduceL2: reduction((x, over) => build.sqrt(build.maximum(build.reduceSum(build.mul(x, x), over), least))),
  ReduceLogSum: reduction((x, over) => build.log(build.reduceSum(x, over))),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMin: reduction((x, over) => build.neg(build.reduceMax(build.neg(x), over))),
  ReduceSumSquare: reduction((x, over) => build.reduceSum(build.mul(x, x), over)),
};
