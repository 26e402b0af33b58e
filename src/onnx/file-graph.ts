import { LegendaError } from '../errors.js';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from './generated/onnx_pb.js';
import { listed, quoted } from './names.js';
import { refuseExternal } from './read-tensor.js';

/** A file's graph by the names of its tensors: each is an input, an initialiser, or computed by one node. */
export interface FileGraph {
  readonly proto: GraphProto;
  /** What is fed: the inputs that have no initialiser. */
  readonly inputs: ReadonlyMap<string, ValueInfoProto>;
  readonly initialisers: ReadonlyMap<string, TensorProto>;
  readonly producers: ReadonlyMap<string, NodeProto>;
}

/** @throws LegendaError when a name stands for two tensors, or values are in another file */
export function fileGraph(proto: GraphProto): FileGraph {
  const initialisers = new Map<string, TensorProto>();
  for (const initialiser of proto.initializer) {
    define(initialisers, initialiser.name, initialiser, 'initialiser');
    refuseExternal(initialiser, `initialiser ${quoted(initialiser.name)}`);
  }
  const declared = new Map<string, ValueInfoProto>();
  for (const input of proto.input) define(declared, input.name, input, 'input');
  const producers = new Map<string, NodeProto>();
  for (const node of proto.node) {
    for (const output of node.output) {
      if (output === '') continue;
      if (declared.has(output) || initialisers.has(output)) {
        throw new LegendaError(`ONNX ${describeNode(node)} computes ${quoted(output)}, which the graph is given`);
      }
      define(producers, output, node, 'tensor');
    }
  }
  const inputs = new Map([...declared].filter(([name]) => !initialisers.has(name)));
  return { proto, inputs, initialisers, producers };
}

/**
 * The nodes that tensors are computed by, each behind those it needs: in the file's order, unless that order is wrong.
 * @throws LegendaError when a tensor is used that nothing computes, or nodes need one another
 */
export function neededNodes(
  { proto, inputs, initialisers, producers }: FileGraph,
  wanted: readonly string[],
): NodeProto[] {
  const producerOf = (name: string, user: string): NodeProto | undefined => {
    const node = producers.get(name);
    if (node === undefined && !inputs.has(name) && !initialisers.has(name)) {
      throw new LegendaError(`${user} needs ${quoted(name)}, which nothing in the ONNX model computes`);
    }
    return node;
  };
  const needed = new Set<NodeProto>();
  const open = wanted.flatMap((name) => producerOf(name, 'the result') ?? []);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const input of readBy(node)) {
      if (input === '') continue;
      const producer = producerOf(input, `ONNX ${describeNode(node)}`);
      if (producer !== undefined && !needed.has(producer)) open.push(producer);
    }
  }
  return ordered(
    proto.node.filter((node) => needed.has(node)),
    producers,
  );
}

/** Names of the tensors that a node reads: its inputs, and what graphs within it take from around them. */
export function readBy({ input, attribute }: NodeProto): readonly string[] {
  const graphs = attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));
  return graphs.length === 0 ? input : [...input, ...graphs.flatMap(takenFromAround)];
}

function takenFromAround({ node, initializer, input, output }: GraphProto): string[] {
  const own = new Set([...initializer, ...input].map(({ name }) => name));
  for (const { output: computed } of node) for (const name of computed) own.add(name);
  const read = [...node.flatMap(readBy), ...output.map(({ name }) => name)];
  return [...new Set(read)].filter((name) => !own.has(name));
}

/** Depth first, without recursion. */
function ordered(nodes: readonly NodeProto[], producers: ReadonlyMap<string, NodeProto>): NodeProto[] {
  const order: NodeProto[] = [];
  const entered = new Set<NodeProto>();
  const done = new Set<NodeProto>();
  for (const root of nodes) {
    const path = done.has(root) ? [] : [{ node: root, inputs: readBy(root), next: 0 }];
    entered.add(root);
    for (let place = path.at(-1); place !== undefined; place = path.at(-1)) {
      const { node, inputs } = place;
      const input = inputs[place.next++];
      if (input === undefined) {
        path.pop();
        done.add(node);
        order.push(node);
        continue;
      }
      const producer = producers.get(input);
      if (producer === undefined || done.has(producer)) continue;
      if (entered.has(producer)) {
        throw new LegendaError(`ONNX ${describeNode(node)} needs its own result: the model's nodes form a cycle`);
      }
      entered.add(producer);
      path.push({ node: producer, inputs: readBy(producer), next: 0 });
    }
  }
  return order;
}

/** A node for a message: by its name, else by what it computes. */
export const describeNode = ({ name, opType, output }: NodeProto): string =>
  `node ${quoted(name === '' ? (output[0] ?? '') : name)} (${/^\w{1,80}$/.test(opType) ? opType : quoted(opType)})`;

/** @throws LegendaError naming those there are, when there is none of the name */
export function missing(what: string, name: string, known: Iterable<string>): LegendaError {
  return new LegendaError(`the ONNX model has no ${what} ${quoted(name)}, only ${listed(known)}`);
}

function define<T>(map: Map<string, T>, name: string, value: T, what: string): void {
  if (name === '') throw new LegendaError(`the ONNX model has an ${what} without a name`);
  if (map.has(name)) throw new LegendaError(`the ONNX model has two ${what}s of the name ${quoted(name)}`);
  map.set(name, value);
}
