import type { Graph } from '../graph/graph.js';
import { multiplyAddsOf } from '../models/multiply-adds.js';

/** What a graph asks of a machine, whatever the machine. */
export interface OperationCounts {
  /** Floating-point operations of convolutions and matrix products, two for each multiplication with its addition. */
  readonly flop: number;
  readonly nodes: number;
  /** Nodes by op, the most frequent first. */
  readonly byOp: Readonly<Record<string, number>>;
}

/** Counts what a graph does when it is run once. What is done element by element is in the nodes, not in `flop`. */
export function countOperations({ nodes }: Graph): OperationCounts {
  const byOp = new Map<string, number>();
  for (const { op } of nodes) byOp.set(op, (byOp.get(op) ?? 0) + 1);
  return {
    flop: 2 * nodes.reduce((sum, node) => sum + multiplyAddsOf(node), 0),
    nodes: nodes.length,
    byOp: Object.fromEntries([...byOp].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
  };
}
