import type { Graph, Node, Value } from '../graph/graph.js';
import { neededNodes } from '../graph/rewrite.js';

/** How often each value of a graph is read, by nodes that an output needs and by the outputs themselves. */
export function readersOf(graph: Graph): (value: Value) => number {
  const users = usersOf(graph);
  const outputs = [...graph.outputs.values()];
  return (value) => (users.get(value)?.length ?? 0) + outputs.filter((output) => output === value).length;
}

/** The nodes that read each value, among those that an output needs; one that reads it twice is there twice. */
export function usersOf(graph: Graph): ReadonlyMap<Value, readonly Node[]> {
  const users = new Map<Value, Node[]>();
  for (const node of neededNodes(graph)) {
    for (const input of node.inputs) {
      const known = users.get(input);
      if (known === undefined) users.set(input, [node]);
      else known.push(node);
    }
  }
  return users;
}

/** The node that computes a value, if it is of that op. */
export const nodeOf = ({ source }: Value, op: string): Node | undefined =>
  source.kind === 'node' && source.node.op === op ? source.node : undefined;

/** Whether a value is a constant of one element, the given one. */
export const isNumber = ({ source }: Value, wanted: number): boolean =>
  source.kind === 'constant' && source.tensor.data.length === 1 && Number(source.tensor.data[0]) === wanted;
