import { LegendaError } from '../errors.js';
import { sameShape } from '../tensor/shape.js';
import { formatType } from '../tensor/tensor.js';
import type { Graph, Value } from './graph.js';

/**
 * Checks the rules every graph obeys: inputs precede their uses, values belong to the graph, and the types written down
 * are those that the ops infer.
 * @throws LegendaError naming the first node that breaks one.
 */
export function verifyGraph(graph: Graph): void {
  const known = new Set<Value>(graph.inputs);
  const check = (value: Value, user: string): void => {
    if (value.graph !== graph) throw new LegendaError(`${user} uses a value of another graph`);
    if (value.source.kind !== 'constant' && !known.has(value))
      throw new LegendaError(`${user} uses a value before it is`);
  };
  for (const node of graph.nodes) {
    const label = node.scope === '' ? node.op : `${node.op} "${node.scope}"`;
    for (const input of node.inputs) check(input, label);
    const types = graph.ops[node.op]!.infer(node.inputs, node.attributes as never);
    node.outputs.forEach((output, index) => {
      const type = types[index];
      if (type === undefined || type.dtype !== output.dtype || !sameShape(type.shape, output.shape)) {
        throw new LegendaError(
          `${label} says ${formatType(output)}, its op infers ${type ? formatType(type) : 'nothing'}`,
        );
      }
      known.add(output);
    });
  }
  for (const [name, value] of graph.outputs) check(value, `output "${name}"`);
}
