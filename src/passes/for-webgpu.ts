import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { constant, exp, gather, log, reduceMax, reduceSum, split, sub } from '../ops/build.js';
import { ranges, type SliceAttributes } from '../ops/slice.js';
import type { SoftmaxAttributes } from '../ops/softmax.js';
import type { SplitAttributes } from '../ops/split.js';
import { tensor } from '../tensor/tensor.js';

/** Storage buffers that a shader may have everywhere (WebGPU's default limit), less the one that is read. */
const mostParts = 7;

/**
 * The form that ONNX Runtime 1.30 computes with WebGPU alone. It has no LogSoftmax there: the scores would cross to the host
 * and back in the middle of every step. Its Split has a storage buffer for every part, of which WebGPU allows few. Its Slice
 * begins at a wrong place when a step is negative.
 */
export const forWebGpu = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [x]) => {
    if (node.op === 'LogSoftmax') return [spelledOut(x!, (node.attributes as SoftmaxAttributes).axis)];
    if (node.op === 'Slice') return backwards(x!, node.attributes as SliceAttributes);
    if (node.op !== 'Split') return undefined;
    const { sizes, axis } = node.attributes as SplitAttributes;
    return sizes.length > mostParts ? splitInTurns(x!, sizes, axis) : undefined;
  });

/** x - max - log Σ exp(x - max). */
function spelledOut(x: Value, axis: number): Value {
  const along = { axes: [axis], keepdims: true };
  const below = sub(x, reduceMax(x, along));
  return sub(below, log(reduceSum(exp(below), along)));
}

/** A slice that goes backwards somewhere, by what it takes along each axis; undefined where it goes forwards alone. */
function backwards(x: Value, attributes: SliceAttributes): Value[] | undefined {
  if (attributes.steps.every((step) => step > 0)) return undefined;
  const taken = ranges(x.shape, attributes).map(({ axis, start, step, count }) => {
    const indices = BigInt64Array.from({ length: count }, (_, i) => BigInt(start + i * step));
    return { axis, indices: tensor('int64', [count], indices) };
  });
  return [taken.reduce((y, { axis, indices }) => gather(y, constant(y, indices), axis), x)];
}

/** First into few parts, then these. */
function splitInTurns(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length <= mostParts) return sizes.length === 1 ? [x] : split(x, sizes, axis);
  const each = Math.ceil(sizes.length / mostParts);
  const groups = Array.from({ length: Math.ceil(sizes.length / each) }, (_, i) =>
    sizes.slice(i * each, (i + 1) * each),
  );
  const wholes = groups.map((group) => group.reduce((sum, size) => sum + size, 0));
  return split(x, wholes, axis).flatMap((part, i) => splitInTurns(part, groups[i]!, axis));
}
