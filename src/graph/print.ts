import { sizeOf } from '../tensor/shape.js';
import { formatType } from '../tensor/tensor.js';
import type { Graph, Node, Value } from './graph.js';

/** The graph as text, one line per input, node and output: the same graph always prints the same. */
export function printGraph(graph: Graph): string {
  const names = new Map<number, string>();
  let count = 0;
  const name = (value: Value): string => {
    if (value.source.kind === 'input') return value.source.name;
    if (value.source.kind === 'constant') return printConstant(value);
    return names.get(value.id)!;
  };
  const lines = graph.inputs.map((input) => `input ${name(input)}: ${formatType(input)}`);
  for (const node of graph.nodes) {
    for (const output of node.outputs) names.set(output.id, `%${count++}`);
    lines.push(printNode(node, name));
  }
  for (const [key, value] of graph.outputs) lines.push(`output ${key} = ${name(value)}`);
  return `${lines.join('\n')}\n`;
}

function printNode(node: Node, name: (value: Value) => string): string {
  const results = node.outputs.map((output) => `${name(output)}: ${formatType(output)}`).join(', ');
  const attributes = Object.entries(node.attributes)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${Array.isArray(value) ? `[${value}]` : String(value)}`);
  const call = `${node.op}(${node.inputs.map(name).join(', ')})`;
  return [`${results} = ${call}`, ...attributes, ...(node.scope === '' ? [] : [`@${node.scope}`])].join(' ');
}

function printConstant(value: Value): string {
  if (value.source.kind !== 'constant' || sizeOf(value.shape) > 8) return `const:${formatType(value)}`;
  return `const:${formatType(value)}{${value.source.tensor.data.join()}}`;
}
