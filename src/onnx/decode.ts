import { fromBinary } from '@bufbuild/protobuf';
import { LegendaError } from '../errors.js';
import { type GraphProto, type ModelProto, ModelProtoSchema } from './generated/onnx_pb.js';
import { listed } from './names.js';
import { checkWire } from './wire.js';

/** The operator sets whose forms the ops' `read` functions know. */
const oldestOpset = 7;
const newestOpset = 23;

const maxNodes = 100_000;
/** A protobuf message ends at 2 GiB. */
const protobufLimit = 2 ** 31 - 1;

export interface DecodedModel {
  readonly proto: ModelProto;
  readonly graph: GraphProto;
  /** Of ONNX's own operators. */
  readonly opset: number;
}

/**
 * Decodes and checks what concerns the file as a whole.
 * @throws LegendaError when the bytes are no ONNX model, or one of a kind that is not supported
 */
export function decodeModel(bytes: Uint8Array, maxBytes: number): DecodedModel {
  const limit = Math.min(maxBytes, protobufLimit);
  if (bytes.length > limit) {
    throw new LegendaError(`the ONNX model has ${bytes.length} bytes, at most ${limit} are read`);
  }
  const proto = decode(bytes);
  const { graph } = proto;
  if (graph === undefined || graph.node.length + graph.output.length === 0) {
    throw new LegendaError('not an ONNX model: there is no graph in it');
  }
  if (graph.node.length > maxNodes) {
    throw new LegendaError(`the ONNX model has ${graph.node.length} nodes, at most ${maxNodes} are read`);
  }
  if (proto.functions.length > 0) {
    const names = listed(proto.functions.map(({ name }) => name));
    throw new LegendaError(`the ONNX model defines functions (${names}): export it with them inlined`);
  }
  if (graph.sparseInitializer.length > 0) {
    throw new LegendaError(
      `the ONNX model has ${graph.sparseInitializer.length} sparse initialisers, only dense ones are supported`,
    );
  }
  return { proto, graph, opset: opsetOf(proto) };
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    checkWire(ModelProtoSchema, bytes);
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new LegendaError(`not an ONNX model: ${(error as Error).message}`, { cause: error });
  }
}

function opsetOf({ opsetImport }: ModelProto): number {
  const own = opsetImport.filter(({ domain }) => isOnnxDomain(domain));
  if (own.length !== 1) {
    throw new LegendaError(`the ONNX model names ${own.length} versions of ONNX's operators, one is expected`);
  }
  const version = own[0]!.version;
  if (version < oldestOpset || version > newestOpset) {
    throw new LegendaError(
      `the ONNX model uses opset ${version}, supported are ${oldestOpset} to ${newestOpset}: convert it (onnx.version_converter)`,
    );
  }
  return Number(version);
}

/** ONNX's own operators have no domain, or its full name. */
export const isOnnxDomain = (domain: string): boolean => domain === '' || domain === 'ai.onnx';
