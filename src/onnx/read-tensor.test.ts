import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LegendaError } from '../errors.js';
import type { DType } from '../tensor/dtype.js';
import { TensorProtoSchema } from './generated/onnx_pb.js';
import { readTensor } from './read-tensor.js';

type Init = MessageInitShape<typeof TensorProtoSchema>;
const read = (init: Init) => readTensor(create(TensorProtoSchema, init), 'tensor "t"');
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
/** -1 as protobuf writes it: ten bytes. */
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

describe('readTensor', () => {
  it.each([
    ['float32', 1, new Float32Array([1.5, -2])],
    ['uint8', 2, new Uint8Array([0, 255])],
    ['int32', 6, new Int32Array([-1, 2 ** 31 - 1])],
    ['int64', 7, new BigInt64Array([-1n, 2n ** 63n - 1n])],
    ['float64', 11, new Float64Array([Math.PI, -0])],
  ] as const)('takes %s from raw bytes at any address', (dtype, dataType, values) => {
    const rawData = new Uint8Array(values.byteLength + 1).subarray(1);
    rawData.set(bytesOf(values));
    const tensor = read({ dataType, dims: [2n, 1n], rawData });
    expect(tensor).toEqual({ dtype, shape: [2, 1], data: values });
    rawData.fill(0);
    expect(tensor.data).toEqual(values);
  });

  it('takes any byte but 0 as true', () => {
    const data = new Uint8Array([0, 1, 1]);
    expect(read({ dataType: 9, dims: [3n], rawData: new Uint8Array([0, 1, 7]) })).toEqual({
      dtype: 'bool',
      shape: [3],
      data,
    });
    expect(read({ dataType: 9, dims: [3n], int32Data: [new Uint8Array([0, 1, 7])] }).data).toEqual(data);
  });

  it.each<[DType, Init, unknown]>([
    [
      'float32',
      { dataType: 1, floatData: [bytesOf(new Float32Array([1, 2])), bytesOf(new Float32Array([3]))] },
      new Float32Array([1, 2, 3]),
    ],
    ['float64', { dataType: 11, doubleData: [bytesOf(new Float64Array([1, 2, 3]))] }, new Float64Array([1, 2, 3])],
    [
      'int64',
      { dataType: 7, int64Data: [new Uint8Array([...minusOne, 0x80, 0x01]), new Uint8Array([3])] },
      new BigInt64Array([-1n, 128n, 3n]),
    ],
    ['int32', { dataType: 6, int32Data: [new Uint8Array([...minusOne, 0x80, 0x01, 3])] }, new Int32Array([-1, 128, 3])],
    ['uint8', { dataType: 2, int32Data: [new Uint8Array([0xff, 0x01, 0, 3])] }, new Uint8Array([255, 0, 3])],
  ])('takes %s from the list for it, in parts', (dtype, init, data) => {
    expect(read({ ...init, dims: [3n] })).toEqual({ dtype, shape: [3], data });
  });

  it('takes half precision as float32', () => {
    const halves = new Uint16Array([0x3c00, 0xc100, 0x7c00]);
    const expected = { dtype: 'float32', shape: [3], data: new Float32Array([1, -2.5, Infinity]) };
    expect(read({ dataType: 10, dims: [3n], rawData: bytesOf(halves) })).toEqual(expected);
    const packed = [...halves].flatMap((bits) => [(bits & 0x7f) | 0x80, ((bits >> 7) & 0x7f) | 0x80, bits >> 14]);
    expect(read({ dataType: 10, dims: [3n], int32Data: [new Uint8Array(packed)] })).toEqual(expected);
    expect(read({ dataType: 16, dims: [1n], rawData: bytesOf(new Uint16Array([0xc020])) }).data).toEqual(
      new Float32Array([-2.5]),
    );
  });

  it('takes scalars and empty tensors', () => {
    expect(read({ dataType: 1, rawData: bytesOf(new Float32Array([3])) })).toEqual({
      dtype: 'float32',
      shape: [],
      data: new Float32Array([3]),
    });
    expect(read({ dataType: 7, dims: [0n, 5n] })).toEqual({
      dtype: 'int64',
      shape: [0, 5],
      data: new BigInt64Array(0),
    });
  });

  it.each<[string, Init, string]>([
    [
      'bytes of another length',
      { dataType: 1, dims: [2n], rawData: new Uint8Array(7) },
      'tensor "t" float32[2] needs 2 values, raw_data has 7 bytes for 8',
    ],
    ['no values', { dataType: 1, dims: [2n] }, 'raw_data has 0 bytes for 8'],
    [
      'too short a list',
      { dataType: 1, dims: [2n], floatData: [new Uint8Array(4)] },
      'needs 2 values, float_data has 1',
    ],
    [
      'too long a list',
      { dataType: 7, dims: [1n], int64Data: [new Uint8Array([1, 2])] },
      'needs 1 values, int64_data has 2',
    ],
    [
      'a list that ends in a number',
      { dataType: 7, dims: [1n], int64Data: [new Uint8Array([1, 0x80])] },
      'int64_data has 1',
    ],
    [
      'a number of eleven bytes',
      { dataType: 7, dims: [1n], int64Data: [new Uint8Array([...new Array(10).fill(0x80), 1])] },
      'int64_data holds no numbers',
    ],
    [
      'values twice',
      { dataType: 1, dims: [1n], rawData: new Uint8Array(4), floatData: [new Uint8Array(4)] },
      'raw_data and float_data came',
    ],
    ['a negative size', { dataType: 1, dims: [-1n] }, 'tensor "t" has the impossible shape [-1]'],
    [
      'an overflowing product',
      { dataType: 1, dims: [2n ** 32n, 2n ** 32n] },
      'impossible shape [4294967296,4294967296]',
    ],
    ['a huge size', { dataType: 1, dims: [2n ** 62n, 0n] }, 'impossible shape'],
    ['more than any runtime takes', { dataType: 2, dims: [2n ** 20n, 2n ** 20n] }, 'impossible shape'],
    ['too many axes', { dataType: 1, dims: new Array(65).fill(1n) }, 'tensor "t" has 65 axes'],
    ['strings', { dataType: 8, dims: [1n] }, 'tensor "t" has ONNX data type 8, which is not supported'],
    ['an unknown type', { dataType: -5, dims: [1n] }, 'ONNX data type -5'],
    [
      'values in another file',
      { dataType: 1, dims: [1n], dataLocation: 1, externalData: [{ key: 'location', value: '../../etc/passwd' }] },
      'tensor "t" has its values in another file ("../../etc/passwd"): readOnnxFile',
    ],
    [
      'entries of another file alone',
      { dataType: 1, dims: [1n], rawData: new Uint8Array(4), externalData: [{ key: 'offset', value: '0' }] },
      'has its values in another file ("")',
    ],
  ])('refuses %s', (_, init, message) => {
    expect(() => read(init)).toThrow(message);
    expect(() => read(init)).toThrow(LegendaError);
  });
});
