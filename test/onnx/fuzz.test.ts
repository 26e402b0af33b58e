/** Damaged models: whatever is changed in a file, it is read, or refused with a LegendaError. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LegendaError } from '../../src/errors.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { type AttributeProto, type ModelProto, ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.js';
import { readOnnx } from '../../src/onnx/read.js';
import { onnxModel, onnxNode, tensorProto, valueInfo } from '../support/onnx-model.js';

/** A bit of everything: windows, shape arithmetic, several outputs, tensors of every kind. */
const model = onnxModel(
  {
    node: [
      onnxNode('Conv: x, w, b -> c', { pads: { ints: [1, 1, 1, 1] }, strides: { ints: [2, 2] }, group: { int: 1 } }),
      onnxNode('BatchNormalization: c, b, b, b, b -> n', { epsilon: { float: 1e-3 } }),
      onnxNode('Clip: n, low, high -> k'),
      onnxNode('MaxPool: k -> p', { kernel_shape: { ints: [2, 2] }, ceil_mode: { int: 1 } }),
      onnxNode('AveragePool: p -> v', { kernel_shape: { ints: [2, 1] }, auto_pad: { string: 'SAME_UPPER' } }),
      onnxNode('Shape: v -> s'),
      onnxNode('Constant: -> zero', { value: { tensor: tensorProto('', 'int64', [1], [0]) } }),
      onnxNode('Gather: s, zero -> n0'),
      onnxNode('Constant: -> rest', { value_ints: { ints: [-1] } }),
      onnxNode('Concat: n0, rest -> flat', { axis: { int: 0 } }),
      onnxNode('Reshape: v, flat -> r'),
      onnxNode('Gemm: r, g -> l', { transB: { int: 1 }, alpha: { float: 0.5 } }),
      onnxNode('Split: l, parts -> a, z', { axis: { int: 1 } }),
      onnxNode('Slice: z, from, to, axes, steps -> q'),
      onnxNode('Transpose: q -> t', { perm: { ints: [1, 0] } }),
      onnxNode('Pad: t, pads -> u', { mode: { string: 'constant' } }),
      onnxNode('ReduceSum: u, axes -> o', { keepdims: { int: 0 } }),
      onnxNode('Softmax: a -> y', { axis: { int: -1 } }),
      onnxNode('Unsqueeze: o, zero -> i'),
      onnxNode('Cast: i -> h', { to: { int: 11 } }),
      onnxNode('OneHot: label, depth, ends -> oh', { axis: { int: 0 } }),
      onnxNode('Tanh: i -> dropped'),
      onnxNode('Dropout: dropped, half -> e'),
    ],
    initializer: [
      tensorProto('w', 'float32', [2, 1, 3, 3], new Array<number>(18).fill(0.1)),
      tensorProto('b', 'float32', [2], [1, 2]),
      tensorProto('low', 'float32', [], [-1]),
      tensorProto('high', 'float32', [], [6]),
      tensorProto('g', 'float32', [5, 8], new Array<number>(40).fill(0.1)),
      tensorProto('parts', 'int64', [2], [2, 3]),
      tensorProto('from', 'int64', [1], [0]),
      tensorProto('to', 'int64', [1], [9]),
      tensorProto('axes', 'int64', [1], [1]),
      tensorProto('steps', 'int64', [1], [2]),
      tensorProto('pads', 'int64', [4], [1, 0, 0, 1]),
      tensorProto('depth', 'int64', [], [3]),
      { name: 'ends', dataType: 1, dims: [2n], floatData: [new Uint8Array(new Float32Array([0, 1]).buffer)] },
      { name: 'half', dataType: 10, int32Data: [Uint8Array.from([0x80, 0x70])] },
    ],
    input: [valueInfo('x', 'float32', ['batch', 1, 6, 6]), valueInfo('label', 'int64', ['batch'])],
    output: ['y', 'h', 'oh', 'e'].map((name) => valueInfo(name, 'float32', ['batch', undefined])),
    valueInfo: [valueInfo('c', 'float32', [1, 2, 3, 3])],
  },
  13,
  { metadataProps: [{ key: 'a', value: 'b' }] },
);

function readsOrRefuses(bytes: Uint8Array): 'read' | 'refused' {
  try {
    verifyGraph(readOnnx(bytes).graph);
    return 'read';
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    expect(error.message).not.toBe('');
    expect(error.message.length).toBeLessThan(6000);
    return 'refused';
  }
}

describe('a model', () => {
  it('is read when it is whole', () => {
    const { graph } = readOnnx(model);
    expect([...graph.outputs].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape}`)).toEqual([
      'y float32 1,2',
      'h float64 1,3',
      'oh float32 3,1',
      'e float32 1,3',
    ]);
  });

  it('is read or refused when it ends early', () => {
    for (let length = 0; length < model.length; length++) readsOrRefuses(model.subarray(0, length));
  });

  it('is read or refused with any one byte changed', () => {
    for (let position = 0; position < model.length; position++) {
      for (const value of [0xff, model[position]! ^ 0x01]) {
        readsOrRefuses(model.with(position, value));
      }
    }
  });

  it('is read or refused with several bytes changed, added or taken away', () => {
    const place = fc.nat(model.length - 1);
    const edit = fc.record({ place, remove: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let bytes = [...model];
        for (const { place: at, remove, insert } of edits) bytes = bytes.toSpliced(at, remove, ...insert);
        readsOrRefuses(Uint8Array.from(bytes));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('is read or refused when its bytes are anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readsOrRefuses(bytes)),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('is read or refused when its parts are changed and it is well formed still', () => {
    const picks = fc.array(fc.record({ change: fc.nat(), at: fc.nat(), value: fc.nat() }), {
      minLength: 1,
      maxLength: 4,
    });
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(picks, (list) => {
        const changed = fromBinary(ModelProtoSchema, model);
        for (const { change, at, value } of list) changes[change % changes.length]!(changed, at, value);
        seen[readsOrRefuses(toBinary(ModelProtoSchema, changed))]++;
      }),
      { numRuns: 3000, seed: 3 },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(100);
  });
});

const numbers = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  64n,
  1000n,
  -1000n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** Sizes, types, names, links and attributes: each turned into something that might break what reads it. */
const changes: readonly ((model: ModelProto, at: number, value: number) => void)[] = [
  ({ graph }, at, value) => {
    const node = pick(graph!.node, at);
    node.opType = pick(graph!.node, value).opType;
  },
  ({ graph }, at, value) => {
    const node = pick(graph!.node, at);
    node.input = node.input.toSpliced(value % (node.input.length + 1), value % 3, pick(graph!.node, value).output[0]!);
  },
  ({ graph }, at, value) => {
    const node = pick(graph!.node, at);
    node.input = node.input.slice(0, value % (node.input.length + 1));
  },
  ({ graph }, at, value) => {
    const node = pick(graph!.node, at);
    if (node.input.length > 0)
      node.input[value % node.input.length] = pick(['', 'x', 'w', 'label', 'zero', '__proto__'], value);
  },
  ({ graph }, at, value) => {
    pick(graph!.node, at).attribute = pick(graph!.node, value).attribute;
  },
  ({ graph }, at, value) => {
    const attribute = someAttribute(
      graph!.node.flatMap((node) => node.attribute),
      at,
    );
    attribute.i = pick(numbers, value);
    attribute.f = Number(pick(numbers, value));
    attribute.ints = attribute.ints.map((size, i) =>
      i === value % attribute.ints.length ? pick(numbers, value) : size,
    );
  },
  ({ graph }, at, value) => {
    const attribute = someAttribute(
      graph!.node.flatMap((node) => node.attribute),
      at,
    );
    attribute.ints = numbers.slice(0, value % 9);
  },
  ({ graph }, at, value) => {
    const attribute = someAttribute(
      graph!.node.flatMap((node) => node.attribute),
      at,
    );
    attribute.type = value % 13;
  },
  ({ graph }, at, value) => {
    const attribute = someAttribute(
      graph!.node.flatMap((node) => node.attribute),
      at,
    );
    attribute.s = new TextEncoder().encode(pick(['SAME_LOWER', 'VALID', 'reflect', 'NOTSET', ''], value));
  },
  ({ graph }, at, value) => {
    const tensor = pick(graph!.initializer, at);
    tensor.dims = tensor.dims.toSpliced(value % (tensor.dims.length + 1), value % 2, pick(numbers, value));
  },
  ({ graph }, at, value) => {
    const tensor = pick(graph!.initializer, at);
    tensor.rawData = tensor.rawData.map((byte, i) => (i === value % tensor.rawData.length ? value % 256 : byte));
  },
  ({ graph }, at, value) => {
    // whole numbers of another size or sign, as long as before
    const tensor = pick(graph!.initializer, at);
    if (tensor.dataType !== 7) return;
    const values = new BigInt64Array(tensor.rawData.length / 8).fill(pick(numbers, value));
    tensor.rawData = new Uint8Array(values.buffer);
  },
  ({ graph }, at, value) => {
    pick(graph!.initializer, at).dataType = value % 24;
  },
  ({ graph }, at, value) => {
    const { dim } = pick(graph!.input, at).type!.tensorType!.shape!;
    if (dim.length > 0) pick(dim, value).value = { case: 'dimValue', value: pick(numbers, value) };
  },
  ({ graph }, at, value) => {
    const { dim } = pick(graph!.input, at).type!.tensorType!.shape!;
    dim.length = Math.min(dim.length, value % 3);
  },
  ({ opsetImport }, _, value) => {
    opsetImport[0]!.version = BigInt(5 + (value % 21));
  },
  ({ graph }, at, value) => {
    graph!.output[at % graph!.output.length]!.name = pick(['x', 'w', 'zero', 's', 'p', 'nothing'], value);
  },
];

const someAttribute = (attributes: readonly AttributeProto[], at: number): AttributeProto => pick(attributes, at);
