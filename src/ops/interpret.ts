import { LegendaError } from '../errors.js';
import type { Graph, Value } from '../graph/graph.js';
import { neededNodes } from '../graph/rewrite.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { toNumbers } from '../tensor/tensor.js';
import { type NumberArray, opOfNode } from './op.js';

/**
 * Computes a graph's outputs in double precision with the ops' own references: slow, and what everything faster is
 * compared with. Values are doubles whatever the dtype, and are not rounded in between.
 *
 * @param feeds values for every input that is used, by name
 * @throws LegendaError when a feed is missing or of another shape
 */
export function interpret(graph: Graph, feeds: Readonly<Record<string, NumberArray>>): Record<string, NumberArray> {
  const known = new Map<Value, NumberArray>();
  const numbersOf = (value: Value): NumberArray => {
    const { source } = value;
    if (source.kind === 'constant') return { shape: value.shape, data: toNumbers(source.tensor) };
    return source.kind === 'input' ? feedOf(value, source.name, feeds) : known.get(value)!;
  };
  const needed = neededNodes(graph);
  for (const node of graph.nodes) {
    if (!needed.has(node)) continue;
    const { inputs, attributes, outputs } = node;
    const results = opOfNode(node).evaluate(inputs.map(numbersOf), attributes, outputs);
    outputs.forEach((output, index) => {
      known.set(output, { shape: output.shape, data: results[index]! });
    });
  }
  return Object.fromEntries([...graph.outputs].map(([name, value]) => [name, numbersOf(value)]));
}

function feedOf({ shape }: Value, name: string, feeds: Readonly<Record<string, NumberArray>>): NumberArray {
  const feed = feeds[name];
  if (feed === undefined) throw new LegendaError(`the graph's input "${name}" is not fed`);
  if (!sameShape(feed.shape, shape)) {
    throw new LegendaError(`the graph's input "${name}" is ${formatShape(shape)}, fed was ${formatShape(feed.shape)}`);
  }
  return feed;
}
