import type { Graph, Node, Value } from '../graph/graph.js';
import { neededNodes } from '../graph/rewrite.js';

/** How often each value of a graph is read, by nodes that an output needs and by the outputs themselves. */
export function readersOf(graph: Graph): (value: Value) => number {
  const counts = new Map<Value, number>();
  const read = (value: Value): void => {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const node of neededNodes(graph)) node.inputs.forEach(read);
  for (const output of graph.outputs.values()) read(output);
  return (value) => counts.get(value) ?? 0;
}

/** The node that computes a value, if it is of that op. */
export const nodeOf = ({ source }: Value, op: string): Node | undefined =>
  source.kind === 'node' && source.node.op === op ? source.node : undefined;
