import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { split } from '../ops/build.js';
import type { SliceAttributes } from '../ops/slice.js';

/** Slices of one tensor that cut an axis into equal blocks, each of them taken, as one Split: fewer nodes to run. */
export function splitBlocks(graph: Graph): Graph {
  const cuts = new Map<Value, Map<number, number>>();
  for (const node of graph.nodes) {
    const block = blockOf(node);
    if (block === undefined) continue;
    const [x] = node.inputs as [Value];
    const counts = cuts.get(x) ?? new Map<number, number>();
    cuts.set(x, counts.set(block.axis, (counts.get(block.axis) ?? 0) | (1 << block.index)));
  }
  const parts = new Map<string, readonly Value[]>();
  return rewriteGraph(graph, (node, [input]) => {
    const block = blockOf(node);
    if (block === undefined) return undefined;
    const taken = cuts.get(node.inputs[0]!)!.get(block.axis)!;
    if (taken !== 2 ** block.count - 1) return undefined;
    const key = `${input!.id} ${block.axis}`;
    const known = parts.get(key) ?? split(input!, new Array<number>(block.count).fill(1), block.axis);
    parts.set(key, known);
    return [known[block.index]!];
  });
}

/** A slice of one place along one axis and everything along the others. */
function blockOf({
  op,
  inputs,
  outputs,
  attributes,
}: Node): { axis: number; index: number; count: number } | undefined {
  if (op !== 'Slice') return undefined;
  const from = inputs[0]!.shape;
  const cut = from.flatMap((size, axis) => (size === outputs[0]!.shape[axis] ? [] : [axis]));
  const axis = cut[0];
  if (cut.length !== 1 || axis === undefined || outputs[0]!.shape[axis] !== 1 || from[axis]! > 16) return undefined;
  const { starts, axes } = attributes as SliceAttributes;
  const at = axes.findIndex((given) => (given < 0 ? given + from.length : given) === axis);
  const start = starts[at]!;
  return { axis, index: start < 0 ? start + from[axis]! : start, count: from[axis]! };
}
