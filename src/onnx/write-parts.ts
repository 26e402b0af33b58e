import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Graph, inputName, type Node, type Value } from '../graph/graph.js';
import { blockedDomain } from '../ops/blocked/domain.js';
import { onnxOfDType } from '../ops/onnx-dtype.js';
import { type Call, type OnnxAttribute, opOfNode } from '../ops/op.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';
import { constantNote } from './constant-note.js';
import {
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.js';

export type GraphInit = MessageInitShape<typeof GraphProtoSchema>;
export type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
export type TensorInit = MessageInitShape<typeof TensorProtoSchema>;
export type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>;
export type ValueInfoInit = MessageInitShape<typeof ValueInfoProtoSchema>;

/** AttributeProto.AttributeType. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const GRAPH = 5;
const INTS = 7;

const opsetVersion = 18;
/** The first IR version that allows opset 18. */
const irVersion = 8;

/** A graph as the bytes of a model. */
export function writeModel(graph: GraphInit, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'legenda',
    opsetImport: [
      { domain: '', version: BigInt(opsetVersion) },
      { domain: 'com.microsoft', version: 1n },
      ...(hasBlocks(graph) ? [{ domain: blockedDomain, version: 1n }] : []),
    ],
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Whether there are nodes of ONNX Runtime's own domain for images in blocks, in graphs within this one too. */
const hasBlocks = ({ node = [] }: GraphInit): boolean =>
  node.some(
    ({ domain, attribute = [] }) =>
      domain === blockedDomain || attribute.some(({ g }) => g !== undefined && hasBlocks(g)),
  );

/**
 * A graph's nodes, with one that carries its name for every output that is an input or a constant.
 * @param constants takes what nodes read and nothing computes
 */
export function writeNodes(graph: Graph, names: Names, constants: TensorInit[]): NodeInit[] {
  const hold = (name: string, tensor: Tensor): string => {
    constants.push({ ...writeTensor(name, tensor), docString: constantNote });
    return name;
  };
  const nodes = graph.nodes.map((node, index) => writeNode(node, index, names, hold));
  for (const [key, value] of graph.outputs) {
    const name = names.given(key);
    if (names.of(value, hold) !== name)
      nodes.push({ opType: 'Identity', input: [names.of(value, hold)], output: [name] });
  }
  return nodes;
}

/** @param axisNames of axes that may vary; undefined keeps the size */
export const valueInfo = (
  name: string,
  type: TensorType,
  axisNames: readonly (string | undefined)[] = [],
): ValueInfoInit => ({
  name,
  type: { tensorType: { elemType: onnxOfDType[type.dtype], shape: { dim: dimensions(type, axisNames) } } },
});

/** Gives every value a name: an input's own, an output's own, else a number. */
export class Names {
  /** What an input or an output is called in the file. */
  readonly given: (name: string) => string;
  readonly #names = new Map<Value, string>();
  /** What the graph around a body of its own names may not be hidden by a name in the body. */
  readonly #taken: Set<string>;
  #constants = 0;

  constructor(graph: Graph, given = (name: string): string => name) {
    this.given = given;
    this.#taken = new Set([...graph.inputs.map(inputName), ...graph.outputs.keys()]);
    for (const name of graph.outputs.keys()) this.#taken.add(given(name));
    for (const input of graph.inputs) this.#take(input, given(inputName(input)));
    for (const [name, value] of graph.outputs) {
      if (value.source.kind === 'node' && !this.#names.has(value)) this.#take(value, given(name));
    }
    let count = 0;
    for (const node of graph.nodes) {
      for (const output of node.outputs) {
        if (this.#names.has(output)) continue;
        let name = `v${count++}`;
        while (this.#taken.has(name)) name = `v${count++}`;
        this.#take(output, name);
      }
    }
  }

  #take(value: Value, name: string): void {
    this.#names.set(value, name);
    this.#taken.add(name);
  }

  of(value: Value, hold: (name: string, tensor: Tensor) => string): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    if (value.source.kind !== 'constant') throw new Error('a value without a name');
    const name = hold(this.constantName(), value.source.tensor);
    this.#names.set(value, name);
    return name;
  }

  constantName(): string {
    let name = `const/${this.#constants++}`;
    while (this.#taken.has(name)) name = `const/${this.#constants++}`;
    return name;
  }
}

function writeNode(node: Node, index: number, names: Names, hold: (name: string, tensor: Tensor) => string): NodeInit {
  const emitted = opOfNode(node).emit(node as Call<Node['attributes']>);
  const inputs = emitted.inputs ?? node.inputs.map((_, i) => i);
  return {
    name: `${node.scope === '' ? 'graph' : node.scope}/${node.op}_${index}`,
    opType: emitted.opType,
    domain: emitted.domain ?? '',
    input: inputs.map((input) => {
      if (input === undefined) return '';
      return typeof input === 'number' ? names.of(node.inputs[input]!, hold) : hold(names.constantName(), input);
    }),
    output: node.outputs.map((output) => names.of(output, hold)),
    attribute: Object.entries(emitted.attributes ?? {}).map(([name, value]) => writeAttribute(name, value)),
  };
}

export function writeAttribute(name: string, value: OnnxAttribute): AttributeInit {
  if ('int' in value) return { name, type: INT, i: BigInt(value.int) };
  if ('ints' in value) return { name, type: INTS, ints: value.ints.map(BigInt) };
  if ('float' in value) return { name, type: FLOAT, f: value.float };
  return { name, type: STRING, s: new TextEncoder().encode(value.string) };
}

export const writeGraphAttribute = (name: string, graph: GraphInit): AttributeInit => ({ name, type: GRAPH, g: graph });

export function writeTensor(name: string, { dtype, shape, data }: Tensor): TensorInit {
  return {
    name,
    dataType: onnxOfDType[dtype],
    dims: shape.map(BigInt),
    // every platform that runs Node or a browser is little-endian, as raw_data must be
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function dimensions(type: TensorType, axisNames: readonly (string | undefined)[]) {
  return type.shape.map((size, axis) => {
    const name = axisNames[axis];
    return name === undefined
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: name } };
  });
}
