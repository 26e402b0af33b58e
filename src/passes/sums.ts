import type { Graph, Node, Value } from '../graph/graph.js';
import { neededNodes } from '../graph/rewrite.js';
import { readersOf } from './readers.js';

/** Sums of several: the last addition of each, with all that is added, last first. What comes in between serves only the sum. */
export function sumsOf(graph: Graph): ReadonlyMap<Node, readonly Value[]> {
  const readers = readersOf(graph);
  const needed = neededNodes(graph);
  const within = new Set<Node>();
  const sums = new Map<Node, readonly Value[]>();
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (node.op === 'Add' && needed.has(node) && !within.has(node)) sums.set(node, termsOf(node, readers, within));
  }
  return sums;
}

/** What a chain of additions adds, last first. @param within gets the additions that serve only this chain */
function termsOf(last: Node, readers: (value: Value) => number, within: Set<Node>): Value[] {
  const terms: Value[] = [];
  const open = [...last.inputs];
  const shape = last.outputs[0]!.shape.join();
  while (open.length > 0) {
    const value = open.pop()!;
    const { source } = value;
    const isLink =
      source.kind === 'node' &&
      source.node.op === 'Add' &&
      readers(value) === 1 &&
      source.node.inputs.every((input) => input.shape.join() === shape);
    if (!isLink) terms.push(value);
    else {
      within.add(source.node);
      open.push(...source.node.inputs);
    }
  }
  return terms;
}
