/** Files that nobody should believe. Each ends in a LegendaError that says what is wrong. */

import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type ModelInit, onnxModel, onnxNode, tensorProto, valueInfo } from '../../test/support/onnx-model.js';
import { LegendaError } from '../errors.js';
import { ModelProtoSchema } from './generated/onnx_pb.js';
import { readOnnx } from './read.js';
import type { GraphInit } from './write-parts.js';

const x = valueInfo('x', 'float32', [2, 2]);
const y = valueInfo('y', 'float32', [2, 2]);
const relu: GraphInit = { node: [onnxNode('Relu: x -> y')], input: [x], output: [y] };

function expectRefused(bytes: Uint8Array, message: string | RegExp): void {
  expect(() => readOnnx(bytes)).toThrow(LegendaError);
  expect(() => readOnnx(bytes)).toThrow(message);
}

/** A protobuf field that holds bytes. */
function field(number: number, content: Uint8Array | readonly number[]): Uint8Array {
  const head = [number * 8 + 2];
  let rest = content.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) head.push((rest % 128) + 128);
  const result = new Uint8Array(head.length + 1 + content.length);
  result.set([...head, rest]);
  result.set(content, head.length + 1);
  return result;
}

/** Nodes without content: two bytes each. */
const emptyNodes = (count: number): Uint8Array => new Uint8Array(2 * count).map((_, i) => (i % 2 === 0 ? 10 : 0));

describe('a file as a whole', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'not an ONNX model: there is no graph in it'],
    ['text', new TextEncoder().encode('<!doctype html><title>404</title>'), 'not an ONNX model: '],
    [
      'a picture',
      Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
      'not an ONNX model: ',
    ],
    ['zeros', new Uint8Array(64), 'field 0 of ModelProto does not exist (byte 1 of 64)'],
    ['a truncated model', onnxModel(relu).subarray(0, 40), 'bytes are announced where'],
    ['a cut off number', Uint8Array.from([8, 0x80]), 'a number is cut off (byte 2 of 2)'],
    ['a number without end', Uint8Array.from([8, ...new Array(20).fill(0xff)]), 'a number has more than ten bytes'],
    [
      'a length beyond all',
      Uint8Array.from([58, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      'bytes are announced where 0 are left',
    ],
    [
      'a part that is longer than the whole',
      Uint8Array.from([...field(7, [10, 100, 1]), ...new Array(200).fill(8)]),
      '100 bytes are announced where 1 are left',
    ],
    ['a field of another type', Uint8Array.from([56, 1]), 'ModelProto.graph is of another type'],
    ['a group', Uint8Array.from([19, 8, 1, 20]), 'ModelProto.producer_name is of another type'],
    ['an unknown group', Uint8Array.from([0xfb, 0x07, 8, 1]), 'a value of wire type 3 came'],
    ['a cut off field of fixed width', Uint8Array.from([0xf9, 0x07, 1, 2]), 'a number is cut off'],
    ['broken text', field(2, [0xff, 0xfe]), 'not an ONNX model: '],
    [
      'floats that are not whole',
      field(7, field(1, field(5, [...field(1, [97]), ...field(7, [1, 2, 3])]))),
      'a list of 3 bytes does not hold numbers of 4',
    ],
    ['whole numbers that do not end', field(7, field(5, field(1, [1, 0x80]))), 'a number is cut off'],
  ])('that is %s', (_, bytes, message) => expectRefused(bytes, message));

  it('with more nested messages than anyone needs', () => {
    // an attribute holds a graph, which holds a node, which holds an attribute …
    let graph: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth++) graph = field(1, field(5, field(6, graph)));
    expectRefused(field(7, graph), 'messages are nested deeper than 32');
  });

  it('with groups in groups', () => {
    expectRefused(new Uint8Array(1_000_000).fill(0x83), 'not an ONNX model: ');
  });

  it('that is small and would decode to gigabytes', () => {
    expectRefused(field(7, emptyNodes(1_500_000)), 'there are more than 500000 messages');
  });

  it('with lists longer than anyone needs', () => {
    const ints = field(8, new Uint8Array(2_000_000));
    expectRefused(field(7, field(1, field(5, ints))), 'lists have more than 2000000 elements together');
  });

  it('with more nodes than anyone needs', () => {
    expectRefused(field(7, emptyNodes(100_001)), 'the ONNX model has 100001 nodes, at most 100000 are read');
  });

  it('that is larger than was allowed', () => {
    const bytes = onnxModel(relu);
    expect(() => readOnnx(bytes, { maxBytes: bytes.length - 1 })).toThrow(
      `the ONNX model has ${bytes.length} bytes, at most ${bytes.length - 1} are read`,
    );
    expect(readOnnx(bytes, { maxBytes: bytes.length }).inputs).toEqual(['x']);
  });

  const model = (more: ModelInit): Uint8Array => onnxModel(relu, 18, more);
  it.each<[string, Uint8Array, string]>([
    ['of an opset that is too old', onnxModel(relu, 6), 'the ONNX model uses opset 6, supported are 7 to 23'],
    ['of an opset that is too new', onnxModel(relu, 24), 'the ONNX model uses opset 24, supported are 7 to 23'],
    ['of a negative opset', onnxModel(relu, -1), 'the ONNX model uses opset -1'],
    [
      'without an opset',
      model({ opsetImport: [{ domain: 'com.example', version: 1n }] }),
      "names 0 versions of ONNX's operators",
    ],
    [
      'of two opsets',
      model({ opsetImport: [{ version: 18n }, { domain: 'ai.onnx', version: 7n }] }),
      'names 2 versions',
    ],
    [
      'with functions',
      model({ functions: [{ name: 'Gelu' }] }),
      'the ONNX model defines functions ("Gelu"): export it with them inlined',
    ],
    [
      'with sparse initialisers',
      onnxModel({ ...relu, sparseInitializer: [{ dims: [2n] }] }),
      'the ONNX model has 1 sparse initialisers',
    ],
    [
      'that names its values in another file',
      onnxModel({
        ...relu,
        initializer: [
          {
            name: 'w',
            dataType: 1,
            dims: [1n],
            dataLocation: 1,
            externalData: [{ key: 'location', value: '/etc/passwd' }],
          },
        ],
      }),
      'initialiser "w" has its values in another file ("/etc/passwd"): readOnnxFile of',
    ],
  ])('%s', (_, bytes, message) => expectRefused(bytes, message));

  it('is accepted when none of this is the case', () => {
    expect(
      readOnnx(
        toBinary(
          ModelProtoSchema,
          create(ModelProtoSchema, { opsetImport: [{ domain: 'ai.onnx', version: 13n }], graph: relu }),
        ),
      ).inputs,
    ).toEqual(['x']);
  });
});

describe('a graph', () => {
  it.each<[string, GraphInit, string | RegExp]>([
    [
      'two initialisers of a name',
      { initializer: [tensorProto('w', 'float32', [], [0]), tensorProto('w', 'float32', [], [0])] },
      'two initialisers of the name "w"',
    ],
    [
      'an initialiser without a name',
      { initializer: [tensorProto('', 'float32', [], [0])] },
      'an initialiser without a name',
    ],
    ['two inputs of a name', { input: [x, x] }, 'two inputs of the name "x"'],
    ['two outputs of a name', { output: [y, y] }, 'the graph has an output "y" already'],
    [
      'a tensor computed twice',
      { node: [onnxNode('Relu: x -> y'), onnxNode('Neg: x -> y')] },
      'two tensors of the name "y"',
    ],
    [
      'an input that is computed',
      { node: [onnxNode('Relu: y -> x')] },
      'ONNX node "x" (Relu) computes "x", which the graph is given',
    ],
    ['an output that nothing computes', { output: [valueInfo('z', 'float32', [1])] }, 'no node for the output "z"'],
    [
      'an input of a node that nothing computes',
      { node: [onnxNode('Add: x, q -> y')] },
      'ONNX node "y" (Add) needs "q", which nothing in the ONNX model computes',
    ],
    ['a node that needs itself', { node: [onnxNode('Add: x, y -> y')] }, 'ONNX node "y" (Add) needs its own result'],
    [
      'a cycle',
      { node: [onnxNode('Add: x, b -> a'), onnxNode('Neg: a -> b'), onnxNode('Relu: a -> y')] },
      "the model's nodes form a cycle",
    ],
    [
      'an input of strings',
      { input: [{ name: 'x', type: { tensorType: { elemType: 8, shape: { dim: [] } } } }] },
      'input "x" of the ONNX model has ONNX data type 8, which is not supported',
    ],
    ['an input that is no tensor', { input: [{ name: 'x', type: {} }] }, 'input "x" has no shape'],
    [
      'an input of a negative size',
      { input: [valueInfo('x', 'float32', [-1, 2])] },
      'input "x" of the ONNX model has the impossible shape [-1,2]',
    ],
    ['an input larger than any memory', { input: [valueInfo('x', 'float32', [2 ** 30, 2 ** 30])] }, 'impossible shape'],
    [
      'a node without a name, op or output',
      { node: [{ input: ['x'], output: ['y'] }] },
      'ops that are not supported:  (node "y")',
    ],
    [
      "an op of another domain with ONNX's name",
      { node: [onnxNode('Relu: x -> y', {}, { domain: 'evil' })] },
      'evil:Relu (node "y")',
    ],
    [
      "an op with the name of an object's property",
      { node: [onnxNode('constructor: x -> y')] },
      'constructor (node "y")',
    ],
    ['an op called __proto__', { node: [onnxNode('__proto__: x -> y')] }, '__proto__ (node "y")'],
    [
      'an op whose name would colour a terminal',
      { node: [{ opType: '\u001b[31mRelu', input: ['x'], output: ['y'] }] },
      '\\u001b[31mRelu (node "y")',
    ],
    [
      'a loop',
      { node: [onnxNode('Loop: x -> y', {}, { attribute: [{ name: 'body', type: 5, g: {} }] })] },
      'Loop (node "y")',
    ],
    [
      'a graph hidden in a known op',
      { node: [onnxNode('Relu: x -> y', {}, { attribute: [{ name: 'body', type: 5, g: {} }] })] },
      'Relu (node "y")',
    ],
  ])('with %s', (_, more, message) => expectRefused(onnxModel({ ...relu, ...more }), message));
});

describe('a node', () => {
  const w = tensorProto('w', 'float32', [2, 2], [1, 2, 3, 4]);
  const index = tensorProto('i', 'int64', [1], [0]);
  const huge = tensorProto('huge', 'int64', [3], [2 ** 20, 2 ** 20, 2 ** 20]);
  const long = tensorProto('long', 'int64', [70_000], new Array<number>(70_000).fill(1));
  const minus = tensorProto('minus', 'int64', [2], [-4, 2]);
  const two = tensorProto('two', 'int64', [], [2]);
  const initializer = [w, index, huge, long, minus, two];

  it.each<[string, NonNullable<GraphInit['node']>, string | RegExp]>([
    ['without inputs', [onnxNode('Relu: -> y')], 'ONNX node "y" (Relu): input 0 is missing'],
    ['without its second input', [onnxNode('Add: x -> y')], 'ONNX node "y" (Add): input 1 is missing'],
    ['with a left out input', [onnxNode('Add: , x -> y')], 'input 0 is missing'],
    ['with an input too many', [onnxNode('Relu: x, w -> y')], 'ONNX node "y" (Relu): input 1 is not supported'],
    [
      'with an output too many',
      [onnxNode('Relu: x -> y, z')],
      'ONNX node "y" (Relu) has 2 outputs, only 1 are supported',
    ],
    [
      'without the shape to take',
      [onnxNode('Reshape: x -> y')],
      'ONNX node "y" (Reshape): an input or attribute that it needs is missing',
    ],
    [
      'without a weight',
      [onnxNode('Conv: x -> y')],
      'ONNX node "y" (Conv): an input or attribute that it needs is missing',
    ],
    [
      'with a shape that is computed',
      [onnxNode('Cast: x -> s', { to: { int: 7 } }), onnxNode('Reshape: x, s -> y')],
      'ONNX node "y" (Reshape): input 1 is computed, its values must be known',
    ],
    [
      'with an attribute that means nothing',
      [onnxNode('Relu: x -> y', { slope: { float: 1 } })],
      'ONNX node "y" (Relu): attribute "slope" is not supported',
    ],
    [
      'with an attribute of another type',
      [onnxNode('Flatten: x -> y', { axis: { float: 1 } })],
      'ONNX node "y" (Flatten): attribute "axis" is FLOAT, INT is expected',
    ],
    [
      'with an attribute of a type that does not exist',
      [onnxNode('Flatten: x -> y', {}, { attribute: [{ name: 'axis', type: 77 }] })],
      'attribute "axis" is of type 77, INT is expected',
    ],
    [
      'with an attribute without a type',
      [onnxNode('Flatten: x -> y', {}, { attribute: [{ name: 'axis', i: 1n }] })],
      'attribute "axis" is UNDEFINED, INT is expected',
    ],
    [
      'with an attribute twice',
      [
        onnxNode(
          'Flatten: x -> y',
          {},
          {
            attribute: [
              { name: 'axis', type: 2 },
              { name: 'axis', type: 2 },
            ],
          },
        ),
      ],
      'attribute "axis" comes twice',
    ],
    [
      'with an endless list',
      [onnxNode('Transpose: x -> y', { perm: { ints: new Array<number>(70_000).fill(0) } })],
      'attribute "perm" has 70000 values',
    ],
    [
      'with an endless list as input',
      [onnxNode('Reshape: x, long -> y')],
      'input 1 has 70000 values, at most 4096 are expected',
    ],
    [
      'that adds more axes than there may be',
      [onnxNode('Unsqueeze: x -> y', { axes: { ints: Array.from({ length: 100 }, (_, i) => i) } })],
      'a result has 102 axes, at most 64 are supported',
    ],
    [
      'with strides of 0',
      [
        onnxNode('Reshape: x, four -> r'),
        onnxNode('MaxPool: r -> y', { kernel_shape: { ints: [1, 1] }, strides: { ints: [0, 0] } }),
      ],
      'strides are [0,0]',
    ],
    [
      'without a kernel',
      [onnxNode('MaxPool: x -> y')],
      'ONNX node "y" (MaxPool): an input or attribute that it needs is missing',
    ],
    [
      'with an axis that is not there',
      [onnxNode('Concat: x, x -> y', { axis: { int: 7 } })],
      'axis 7 is outside [-2, 1]',
    ],
    [
      'with sizes that do not fit',
      [onnxNode('MatMul: x, i -> y')],
      'ONNX node "y" (MatMul): MatMul: cannot multiply [2,2] by [1]',
    ],
    [
      'with types that do not fit',
      [onnxNode('Add: x, two -> y')],
      'ONNX node "y" (Add): Add: inputs are float32 and int64',
    ],
    ['that makes something huge', [onnxNode('Expand: x, huge -> y')], /impossible shape|do not broadcast/],
    ['that makes something of a negative size', [onnxNode('ConstantOfShape: minus -> y')], 'impossible shape [-4,2]'],
    ['that fills the memory', [onnxNode('ConstantOfShape: much -> y')], 'is too large for a constant'],
    [
      'that counts further than memory goes',
      [onnxNode('Range: zero, far, one -> y')],
      'more than 4194304 values would be computed while the model is read',
    ],
    [
      'that counts to the end of time',
      [onnxNode('Range: zero, many, one -> y')],
      'impossible shape [9007199254740991]',
    ],
    ['that counts in no steps', [onnxNode('Range: zero, many, zero -> y')], 'a delta are expected'],
    ['that divides by nothing', [onnxNode('Div: one, zero -> q'), onnxNode('Expand: x, q -> y')], 'is no whole number'],
    [
      'that picks what is not there',
      [onnxNode('Gather: i, two -> q'), onnxNode('Expand: x, q -> y')],
      'index 2 is outside an axis of 1',
    ],
    ['without a value', [onnxNode('Constant: -> y')], 'ONNX node "y" (Constant): a value of numbers is expected'],
    ['of text', [onnxNode('Constant: -> y', { value_string: { string: 'a' } })], 'a value of numbers is expected'],
    [
      'with an empty tensor attribute',
      [onnxNode('Constant: -> y', {}, { attribute: [{ name: 'value', type: 4 }] })],
      'attribute "value" has no tensor',
    ],
    [
      'whose values are in another file',
      [
        onnxNode('Constant: -> y', {
          value: { tensor: { dataType: 1, dims: [1n], externalData: [{ key: 'location', value: 'w.bin' }] } },
        }),
      ],
      'attribute "value" has its values in another file ("w.bin")',
    ],
    ['that trains', [onnxNode('Dropout: x, , on -> y')], 'its training form (training_mode) is not supported'],
    [
      'cut into countless parts',
      [onnxNode('Split: x -> y, z', { num_outputs: { int: 2n ** 40n } })],
      'ONNX node "y" (Split): num_outputs is 1099511627776 for 2 outputs',
    ],
    ['with bounds that are no numbers', [onnxNode('Clip: x, nan -> y')], 'ONNX node "y" (Clip): Clip: min is NaN'],
    [
      'padded by two milliards',
      [onnxNode('Pad: x, manyPads -> y', { mode: { string: 'edge' } })],
      'a padded axis would have 2000000002 numbers',
    ],
    [
      'of which more is cut than there is',
      [onnxNode('Pad: x, cut -> y', { mode: { string: 'edge' } })],
      'pads [-3,0,0,0] take away more than there is',
    ],
    [
      'padded by what it does not have',
      [onnxNode('Pad: x, manyPads -> y', { mode: { string: 'mirror' } })],
      'mode "mirror" is not supported',
    ],
    [
      'whose triangle is large',
      [onnxNode('Tile: x, tenThousand -> e'), onnxNode('Trilu: e -> y')],
      'ONNX node "y" (Trilu): the triangle would have 400000000 numbers',
    ],
    [
      'with sums of many',
      [onnxNode('Tile: x, fiftyThousand -> e'), onnxNode('CumSum: e, one -> y')],
      'the sums would have 10000000000 numbers',
    ],
    ['resized to nothing', [onnxNode('Resize: x, , -> y')], 'either scales or sizes are expected'],
    [
      'resized by less than nothing',
      [onnxNode('Resize: x, , negative -> y')],
      'sizes are [-2,-2], whole numbers are expected',
    ],
    [
      'that samples',
      [onnxNode('Resize: x, , , tenThousand -> y', { mode: { string: 'lanczos' } })],
      'mode "lanczos" is not supported, only',
    ],
    [
      'with an equation that is none',
      [onnxNode('Einsum: x -> y', { equation: { string: 'i...->i' } })],
      'equation "i...->i" is not supported',
    ],
    [
      'with letters that fit nothing',
      [onnxNode('Einsum: x, x -> y', { equation: { string: 'ij,jkl->i' } })],
      '"jkl" of equation "ij,jkl->i" does not fit an input of 2 axes',
    ],
    [
      'of a condition that nobody knows',
      [
        onnxNode(
          'If: x -> y',
          {},
          { attribute: ['then_branch', 'else_branch'].map((name) => ({ name, type: 5, g: { node: [] } })) },
        ),
      ],
      'ONNX node "y" (If): input 0 is computed, its values must be known',
    ],
    [
      'of a branch that is not there',
      [onnxNode('If: on -> y', {}, { attribute: [{ name: 'else_branch', type: 5, g: { node: [] } }] })],
      'attribute "then_branch" is missing',
    ],
    ['cast to text', [onnxNode('Cast: x -> y', { to: { int: 8 } })], 'cannot cast to ONNX data type 8'],
  ])('%s', (_, node, message) => {
    const bytes = onnxModel({
      ...relu,
      node,
      initializer: [
        ...initializer,
        tensorProto('four', 'int64', [4], [1, 1, 2, 2]),
        tensorProto('much', 'int64', [2], [2 ** 15, 2 ** 15]),
        tensorProto('zero', 'int64', [], [0]),
        tensorProto('one', 'int64', [], [1]),
        tensorProto('far', 'int64', [], [2 ** 26 - 10]),
        tensorProto('many', 'int64', [], [Number.MAX_SAFE_INTEGER]),
        tensorProto('cut', 'int64', [4], [-3, 0, 0, 0]),
        tensorProto('manyPads', 'int64', [4], [0, 1e9, 0, 1e9]),
        tensorProto('tenThousand', 'int64', [2], [10_000, 10_000]),
        tensorProto('fiftyThousand', 'int64', [2], [2, 50_000]),
        tensorProto('negative', 'float32', [2], [-1, -1]),
        tensorProto('nan', 'float32', [], [Number.NaN]),
        tensorProto('on', 'bool', [], [1]),
      ],
    });
    expectRefused(bytes, message);
  });

  it('is one of a long chain of known numbers', () => {
    const count = 20_000;
    const node = Array.from({ length: count }, (_, i) => onnxNode(`Add: v${i}, v${i} -> v${i + 1}`));
    const initial = tensorProto('v0', 'int64', [1], [0]);
    const graph: GraphInit = { ...relu, node, initializer: [initial], output: [valueInfo(`v${count}`, 'int64', [1])] };
    // a result that is asked for is computed by the last nodes only, from where the values were known
    expect(readOnnx(onnxModel(graph)).graph.nodes.length).toBeLessThan(65);
  });

  it('that has too much computed while reading', () => {
    const initializer = [tensorProto('many', 'float32', [2 ** 21], new Array<number>(2 ** 21).fill(0.5))];
    const node = ['a', 'b', 'c'].map((name) => onnxNode(`Floor: many -> ${name}`));
    const output = ['a', 'b', 'c'].map((name) => valueInfo(name, 'float32', [2 ** 21]));
    expectRefused(
      onnxModel({ ...relu, node, initializer, output }),
      'ONNX node "c" (Floor): more than 4194304 values would be computed while the model is read',
    );
  });

  it('that would be slow to compute while reading is left in the graph', () => {
    // 2^23 comparisons of constants, and a product of constants
    const node = [
      onnxNode('ConstantOfShape: shape -> ones', { value: { tensor: tensorProto('', 'float32', [1], [1]) } }),
      onnxNode('Exp: ones -> e'),
      onnxNode('MatMul: e, e -> y'),
    ];
    const model = readOnnx(
      onnxModel({ ...relu, node, initializer: [tensorProto('shape', 'int64', [2], [2048, 2048])] }),
    );
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['Exp', 'MatMul']);
  });
});
