import { Graph, type Node, type OpSet, type Value } from './graph.js';

/**
 * Tells how a node comes into the new graph: its new outputs, or nothing to copy it as it is.
 * @param inputs of the node, in the new graph
 * @param map gives what any value before the node has become in the new graph
 */
export type Rewrite = (
  node: Node,
  inputs: readonly Value[],
  target: Graph,
  map: (value: Value) => Value,
) => readonly Value[] | undefined;

/**
 * A new graph with the same inputs and outputs, in which every node that an output needs was copied or replaced.
 * Inputs that nothing uses stay, so that a rewritten graph is fed like the old one.
 *
 * @param finish makes a graph's output of the value that took an output's place
 * @param ops of the new graph; the old one's when left out
 */
export function rewriteGraph(
  graph: Graph,
  rewrite: Rewrite = () => undefined,
  finish: (output: Value) => Value = (output) => output,
  ops: OpSet = graph.ops,
): Graph {
  const target = new Graph(ops);
  const mapped = new Map<Value, Value>();
  for (const input of graph.inputs) {
    if (input.source.kind === 'input') mapped.set(input, target.input(input.source.name, input));
  }
  const map = (value: Value): Value => {
    const known = mapped.get(value);
    if (known !== undefined) return known;
    if (value.source.kind !== 'constant') throw new Error('a rewritten value was used before it was mapped');
    const copy = target.constant(value.source.tensor);
    mapped.set(value, copy);
    return copy;
  };
  const needed = neededNodes(graph);
  for (const node of graph.nodes) {
    if (!needed.has(node)) continue;
    const inputs = node.inputs.map(map);
    const outputs = target.scoped(
      node.scope,
      () => rewrite(node, inputs, target, map) ?? target.apply(node.op, inputs, node.attributes),
      true,
    );
    node.outputs.forEach((output, index) => {
      mapped.set(output, outputs[index]!);
    });
  }
  for (const [name, value] of graph.outputs) target.output(name, finish(map(value)));
  return target;
}

/** The nodes from which an output can be reached. @param outputs values of the graph; its own outputs when left out */
export function neededNodes(graph: Graph, outputs: Iterable<Value> = graph.outputs.values()): Set<Node> {
  const needed = new Set<Node>();
  const wanted = new Set<Value>(outputs);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    needed.add(node);
    for (const input of node.inputs) wanted.add(input);
  }
  return needed;
}
