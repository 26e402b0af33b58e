/** ONNX files made by hand: what our writer never writes, and what nobody should. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.js';
import type { AttributeInit, GraphInit, NodeInit, TensorInit, ValueInfoInit } from '../../src/onnx/write-parts.js';
import { onnxOfDType } from '../../src/ops/onnx-dtype.js';
import type { DType } from '../../src/tensor/dtype.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';

export type ModelInit = MessageInitShape<typeof ModelProtoSchema>;

/** A file with one graph, of opset 18 unless told. */
export function onnxModel(graph: GraphInit, opset = 18, more: ModelInit = {}): Uint8Array {
  const model = { irVersion: 8n, opsetImport: [{ version: BigInt(opset) }], graph, ...more };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, model as ModelInit));
}

/** An attribute's value, by the form it has in the file. */
export type AttributeValue =
  | { readonly int: number | bigint }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorInit };

/** `Conv: x, w -> y`, with attributes. An empty name is an input or output that is left out. */
export function onnxNode(
  text: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  more: NodeInit = {},
): NodeInit {
  const [, opType, input, output] = /^(\w+):(.*)->(.*)$/.exec(text)!;
  const names = (list: string): string[] => (list.trim() === '' ? [] : list.split(',').map((name) => name.trim()));
  const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) }));
  return { opType: opType!, input: names(input!), output: names(output!), attribute, ...more };
}

function attributeOf(value: AttributeValue): AttributeInit {
  if ('float' in value) return { type: 1, f: value.float };
  if ('int' in value) return { type: 2, i: BigInt(value.int) };
  if ('string' in value) return { type: 3, s: new TextEncoder().encode(value.string) };
  if ('tensor' in value) return { type: 4, t: value.tensor };
  if ('strings' in value) return { type: 8, strings: value.strings.map((text) => new TextEncoder().encode(text)) };
  if ('floats' in value) return { type: 6, floats: [...value.floats] };
  return { type: 7, ints: value.ints.map(BigInt) };
}

/** An input or output; a name as size is a symbolic axis, `undefined` an unknown one. */
export function valueInfo(name: string, dtype: DType, dims: readonly (number | string | undefined)[]): ValueInfoInit {
  const dim = dims.map((size) => {
    if (size === undefined) return {};
    if (typeof size === 'string') return { value: { case: 'dimParam' as const, value: size } };
    return { value: { case: 'dimValue' as const, value: BigInt(size) } };
  });
  return { name, type: { tensorType: { elemType: onnxOfDType[dtype], shape: { dim } } } };
}

/** An initialiser or an attribute's tensor. */
export function tensorProto(
  name: string,
  dtype: DType,
  shape: readonly number[],
  values: readonly number[] | BigInt64Array,
): TensorInit {
  const { data }: Tensor = tensor(dtype, shape, values);
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { name, dataType: onnxOfDType[dtype], dims: shape.map(BigInt), rawData };
}
