import { BinaryReader } from '@bufbuild/protobuf/wire';
import { LegendaError } from '../errors.js';
import { dtypeOfOnnx } from '../ops/onnx-dtype.js';
import { bytesPerElement, type DType, type TypedArray } from '../tensor/dtype.js';
import { bfloat16ToFloat32, float16ToFloat32 } from '../tensor/half.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { TensorProto } from './generated/onnx_pb.js';
import { quoted } from './names.js';

/** TensorProto.DataType; half precision is read as single. */
const FLOAT16 = 10;
const BFLOAT16 = 16;
/** TensorProto.DataLocation. */
const EXTERNAL = 1;

const maxRank = 64;
const maxElements = 2 ** 31 - 1;

/** The dtype for an ONNX data type, half precision being taken as single; `undefined` for the others. */
export const readableDType = (code: number): DType | undefined =>
  code === FLOAT16 || code === BFLOAT16 ? 'float32' : dtypeOfOnnx(code);

export const isHalf = (code: number | undefined): boolean => code === FLOAT16 || code === BFLOAT16;

/** @throws LegendaError when a shape from a file is no shape, or too large for any runtime. */
export function checkShape(shape: Shape, label: string): void {
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (shape.length > maxRank) {
    throw new LegendaError(`${label} has ${shape.length} axes, at most ${maxRank} are supported`);
  }
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0) || elements > maxElements) {
    throw new LegendaError(`${label} has the impossible shape ${formatShape(shape)}`);
  }
}

/** Whether a tensor's values are in another file. */
export const isExternal = ({ externalData, dataLocation }: TensorProto): boolean =>
  dataLocation === EXTERNAL || externalData.length > 0;

/** @throws LegendaError when the values are elsewhere: a model must not make anyone open another file unasked. */
export function refuseExternal(proto: TensorProto, label: string): void {
  if (!isExternal(proto)) return;
  const location = proto.externalData.find(({ key }) => key === 'location')?.value ?? '';
  throw new LegendaError(
    `${label} has its values in another file (${quoted(location)}): readOnnxFile of legenda/node reads both, includeExternalData makes one model of them`,
  );
}

/**
 * A tensor of a model file, copied. Half precision becomes float32.
 *
 * @param label what the tensor is, for messages
 * @throws LegendaError when the type is not supported, or the values are not as many as the shape says
 */
export function readTensor(proto: TensorProto, label: string): Tensor {
  refuseExternal(proto, label);
  const dtype = readableDType(proto.dataType);
  if (dtype === undefined) {
    throw new LegendaError(`${label} has ONNX data type ${proto.dataType}, which is not supported`);
  }
  const shape = proto.dims.map(Number);
  checkShape(shape, label);
  const size = shape.reduce((product, n) => product * n, 1);
  const storage = storageOf(proto);
  const data = storage.chunks.length > 0 ? fromList(proto, storage, size) : fromRaw(proto, storage, size);
  if (typeof data === 'string') {
    throw new LegendaError(`${label} ${dtype}${formatShape(shape)} needs ${size} values, ${data}`);
  }
  if (data instanceof Uint16Array) return tensor(dtype, shape, toSingle(data, proto.dataType));
  return tensor(dtype, shape, dtype === 'bool' ? (data as Uint8Array).map((value) => Number(value !== 0)) : data);
}

type Values = TypedArray | Uint16Array;

interface Storage {
  readonly list: 'float_data' | 'int32_data' | 'int64_data' | 'double_data';
  readonly chunks: readonly Uint8Array[];
  readonly array: ArrayType;
  /** Bytes of an element in `raw_data`. */
  readonly width: number;
}
type ArrayType = (new (buffer: ArrayBuffer) => Values) & { readonly BYTES_PER_ELEMENT: number };

/** Where values of the tensor's type stand, by the comments in onnx.proto. */
function storageOf({ dataType, floatData, int32Data, int64Data, doubleData }: TensorProto): Storage {
  if (isHalf(dataType)) return { list: 'int32_data', chunks: int32Data, array: Uint16Array, width: 2 };
  const dtype = dtypeOfOnnx(dataType)!;
  const width = bytesPerElement[dtype];
  switch (dtype) {
    case 'float32':
      return { list: 'float_data', chunks: floatData, array: Float32Array, width };
    case 'float64':
      return { list: 'double_data', chunks: doubleData, array: Float64Array, width };
    case 'int64':
      return { list: 'int64_data', chunks: int64Data, array: BigInt64Array, width };
    case 'int32':
      return { list: 'int32_data', chunks: int32Data, array: Int32Array, width };
    case 'uint8':
    case 'bool':
      return { list: 'int32_data', chunks: int32Data, array: Uint8Array, width };
  }
}

/** The values, or what is wrong with them. */
function fromRaw({ rawData }: TensorProto, { array, width }: Storage, size: number): Values | string {
  if (rawData.length !== size * width) return `raw_data has ${rawData.length} bytes for ${size * width}`;
  return new array(copied([rawData]));
}

function fromList({ rawData }: TensorProto, { list, chunks, array, width }: Storage, size: number): Values | string {
  if (rawData.length > 0) return `raw_data and ${list} came`;
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (list === 'float_data' || list === 'double_data') {
    return bytes === size * width ? new array(copied(chunks)) : `${list} has ${bytes / width}`;
  }
  // every varint ends with the one byte that has no continuation bit
  const count = chunks.reduce((sum, chunk) => sum + chunk.reduce((ends, byte) => ends + Number(byte < 0x80), 0), 0);
  if (count !== size || chunks.some((chunk) => chunk.at(-1)! >= 0x80)) return `${list} has ${count}`;
  const result = new array(new ArrayBuffer(size * array.BYTES_PER_ELEMENT));
  let next = 0;
  try {
    for (const chunk of chunks) {
      const reader = new BinaryReader(chunk);
      while (reader.pos < reader.len) {
        if (result instanceof BigInt64Array) result[next++] = BigInt(reader.int64());
        else result[next++] = reader.int32();
      }
    }
  } catch {
    return `${list} holds no numbers`;
  }
  return result;
}

/** The chunks as one, at an address that is a multiple of any element's size. */
function copied(chunks: readonly Uint8Array[]): ArrayBuffer {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined.buffer;
}

const toSingle = (bits: Uint16Array, dataType: number): Float32Array =>
  dataType === FLOAT16 ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
