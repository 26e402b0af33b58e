import type { Graph, Node, Value } from '../graph/graph.js';

/** Ops whose result may be the input's own memory, or that may be computed by what reads it. */
const views: ReadonlySet<string> = new Set([
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Expand',
  'Split',
  'Slice',
  'Cast',
]);
/** Ops that read and write the same place at the same time. */
const elementwise: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * Inputs whose next value can be written over them, whatever order a runtime computes in: all that reads one comes before
 * what makes its next value. So it is with an optimiser's moments; a layer's parameters are read by the gradient of what comes
 * before it, which may be computed after they are updated.
 *
 * @param next output by input name
 */
export function writableInPlace(graph: Graph, next: ReadonlyMap<string, string>): Set<string> {
  const readers = new Map<Value, Node[]>();
  for (const node of graph.nodes)
    for (const input of new Set(node.inputs)) readers.set(input, [...(readers.get(input) ?? []), node]);
  const outputs = new Set(graph.outputs.values());
  const found = new Set<string>();
  for (const input of graph.inputs) {
    if (input.source.kind !== 'input' || outputs.has(input)) continue;
    const { name } = input.source;
    const output = graph.outputs.get(next.get(name) ?? '');
    if (output?.source.kind !== 'node') continue;
    const { node } = output.source;
    const own = readersOf(input, readers);
    const before = ancestorsOf(node);
    if (own.every((reader) => (reader === node ? elementwise.has(node.op) : before.has(reader)))) found.add(name);
  }
  return found;
}

/** What reads a value, itself or through a view of it. */
function readersOf(value: Value, readers: ReadonlyMap<Value, readonly Node[]>): Node[] {
  const own = readers.get(value) ?? [];
  const seen = own.filter(({ op }) => views.has(op)).flatMap(({ outputs }) => outputs);
  return [...own, ...seen.flatMap((view) => readersOf(view, readers))];
}

/** All nodes that a node needs the results of. */
function ancestorsOf(node: Node): ReadonlySet<Node> {
  const found = new Set<Node>();
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { source } of next.inputs) {
      if (source.kind !== 'node' || found.has(source.node)) continue;
      found.add(source.node);
      waiting.push(source.node);
    }
  }
  return found;
}
