import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { expand } from '../ops/build.js';
import { nodeOf } from './readers.js';

const broadcasting = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Repeats values after arithmetic in place of before: the op broadcasts by itself, or works on the few that differ. */
export const delayExpands = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs, target) => {
    if (!broadcasting.has(node.op)) return undefined;
    const few = inputs.map(beforeExpand);
    if (few.every((value, i) => value === inputs[i])) return undefined;
    return [expand(target.apply(node.op, few, node.attributes)[0]!, node.outputs[0]!.shape)];
  });

const beforeExpand = (value: Value): Value => nodeOf(value, 'Expand')?.inputs[0] ?? value;
