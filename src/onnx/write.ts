import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Graph, Node, Value } from '../graph/graph.js';
import { onnxOfDType } from '../ops/onnx-dtype.js';
import type { Call, OnnxAttribute } from '../ops/op.js';
import { opOf } from '../ops/table.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';
import {
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.js';

/** AttributeProto.AttributeType. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

const opsetVersion = 18;
/** The first IR version that allows opset 18. */
const irVersion = 8;

export interface WriteOptions {
  /** Written as `initializer`s under the input's name: parameters of a model that is shipped. */
  readonly initialisers?: ReadonlyMap<string, Tensor>;
  /** Names for axes of inputs and outputs that may vary, for example `{ pixels: ['batch'] }`; undefined keeps the size. */
  readonly axisNames?: Readonly<Record<string, readonly (string | undefined)[]>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A graph as an ONNX model file (opset 18). Nodes are named by their layer, so that profiles and Netron show it.
 * @throws LegendaError when an op cannot be written.
 */
export function writeOnnx(graph: Graph, options: WriteOptions = {}): Uint8Array {
  const { initialisers = new Map<string, Tensor>(), axisNames = {}, metadata = {} } = options;
  const names = new Names(graph);
  const constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  for (const [name, tensor] of initialisers) constants.push(writeTensor(name, tensor));
  const hold = (name: string, tensor: Tensor): string => {
    constants.push(writeTensor(name, tensor));
    return name;
  };
  const nodes = graph.nodes.map((node, index) => writeNode(node, index, names, hold));
  // an output that is an input or a constant needs a node to carry its name
  for (const [name, value] of graph.outputs) {
    if (names.of(value, hold) !== name)
      nodes.push({ opType: 'Identity', input: [names.of(value, hold)], output: [name] });
  }
  const valueInfo = (name: string, type: TensorType): MessageInitShape<typeof ValueInfoProtoSchema> => ({
    name,
    type: { tensorType: { elemType: onnxOfDType[type.dtype], shape: { dim: dimensions(type, axisNames[name]) } } },
  });
  const graphProto: MessageInitShape<typeof GraphProtoSchema> = {
    name: 'legenda',
    node: nodes,
    initializer: constants,
    input: graph.inputs.flatMap((input) => {
      const name = names.of(input, hold);
      return initialisers.has(name) ? [] : [valueInfo(name, input)];
    }),
    output: [...graph.outputs].map(([name, value]) => valueInfo(name, value)),
  };
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'legenda',
    opsetImport: [
      { domain: '', version: BigInt(opsetVersion) },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: graphProto,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Gives every value a name: an input's own, an output's own, else a number. */
class Names {
  readonly #names = new Map<Value, string>();
  #constants = 0;

  constructor(graph: Graph) {
    const taken = new Set<string>();
    for (const input of graph.inputs) if (input.source.kind === 'input') this.#take(input, input.source.name, taken);
    for (const [name, value] of graph.outputs) {
      if (value.source.kind === 'node' && !this.#names.has(value)) this.#take(value, name, taken);
    }
    let count = 0;
    for (const node of graph.nodes) {
      for (const output of node.outputs) {
        if (this.#names.has(output)) continue;
        let name = `v${count++}`;
        while (taken.has(name)) name = `v${count++}`;
        this.#take(output, name, taken);
      }
    }
  }

  #take(value: Value, name: string, taken: Set<string>): void {
    this.#names.set(value, name);
    taken.add(name);
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
    return `const/${this.#constants++}`;
  }
}

function writeNode(
  node: Node,
  index: number,
  names: Names,
  hold: (name: string, tensor: Tensor) => string,
): MessageInitShape<typeof NodeProtoSchema> {
  const emitted = opOf(node.op).emit(node as Call<Node['attributes']>);
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

function writeAttribute(name: string, value: OnnxAttribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ('int' in value) return { name, type: INT, i: BigInt(value.int) };
  if ('ints' in value) return { name, type: INTS, ints: value.ints.map(BigInt) };
  if ('float' in value) return { name, type: FLOAT, f: value.float };
  return { name, type: STRING, s: new TextEncoder().encode(value.string) };
}

function writeTensor(name: string, { dtype, shape, data }: Tensor): MessageInitShape<typeof TensorProtoSchema> {
  return {
    name,
    dataType: onnxOfDType[dtype],
    dims: shape.map(BigInt),
    // every platform that runs Node or a browser is little-endian, as raw_data must be
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function dimensions(type: TensorType, axisNames: readonly (string | undefined)[] = []) {
  return type.shape.map((size, axis) => {
    const name = axisNames[axis];
    return name === undefined
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: name } };
  });
}
