import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode, tensorProto, valueInfo } from '../../test/support/onnx-model.js';
import { Graph } from '../graph/graph.js';
import { printGraph } from '../graph/print.js';
import { add, constant, mul } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { tensor, toNumbers } from '../tensor/tensor.js';
import { type ReadOptions, readOnnx } from './read.js';
import { writeOnnx } from './write.js';
import type { GraphInit } from './write-parts.js';

/** The nodes and outputs of a read graph; its inputs are left out. */
const lines = (graph: GraphInit, options?: ReadOptions, opset?: number): string[] =>
  printGraph(readOnnx(onnxModel(graph, opset), options).graph)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('input '));

const floats = (name: string, ...dims: (number | string | undefined)[]) => valueInfo(name, 'float32', dims);

describe('initialisers', () => {
  const graph: GraphInit = {
    node: [
      onnxNode('Conv: x, w, b -> c', {}, { name: '/layer1/layer1.0/conv/Conv' }),
      onnxNode(
        'BatchNormalization: c, scale, shift, mean, var -> n',
        {},
        { name: '/layer1/layer1.0/bn/BatchNormalization' },
      ),
      onnxNode('Clip: n, zero, six -> k'),
      onnxNode('Gather: k, picked -> y', { axis: { int: 1 } }),
    ],
    initializer: [
      tensorProto('unused', 'float32', [1], [0]),
      tensorProto('b', 'float32', [2], [0, 1]),
      tensorProto('w', 'float32', [2, 1, 1, 1], [1, 2]),
      tensorProto('zero', 'float32', [], [0]),
      tensorProto('six', 'float32', [], [6]),
      ...['scale', 'shift', 'mean', 'var'].map((name) => tensorProto(name, 'float32', [2], [1, 1])),
      tensorProto('picked', 'int64', [3], [1, 0, 1]),
    ],
    // before IR version 4 initialisers were inputs too
    input: [floats('x', 1, 1, 2, 2), floats('w', 2, 1, 1, 1)],
    output: [floats('y', 1, 3, 2, 2)],
  };

  it('that are floats are inputs of the graph in the order of use; whole numbers and bounds are constants', () => {
    const model = readOnnx(onnxModel(graph));
    expect(model.inputs).toEqual(['x']);
    expect([...model.parameters.keys()]).toEqual(['w', 'b', 'scale', 'shift', 'mean', 'var']);
    expect(toNumbers(model.parameters.get('w')!)).toEqual(Float64Array.of(1, 2));
    expect(model.buffers).toEqual(new Set(['mean', 'var']));
    expect(printGraph(model.graph)).toBe(
      [
        'input x: float32[1,1,2,2]',
        'input w: float32[2,1,1,1]',
        'input b: float32[2]',
        'input scale: float32[2]',
        'input shift: float32[2]',
        'input mean: float32[2]',
        'input var: float32[2]',
        '%0: float32[1,2,2,2] = Conv(x, w, b) dilations=[1,1] group=1 pads=[0,0,0,0] strides=[1,1] @layer1.0.conv',
        '%1: float32[1,2,2,2] = BatchNormalization(%0, scale, shift, mean, var) epsilon=0.00001 @layer1.0.bn',
        '%2: float32[1,2,2,2] = Clip(%1) max=6 min=0',
        '%3: float32[1,3,2,2] = Gather(%2, const:int64[3]{1,0,1}) axis=1',
        'output y = %3',
        '',
      ].join('\n'),
    );
  });

  it('that are single numbers without axes are constants, but those that Legenda wrote as parameters', () => {
    const scaled: GraphInit = {
      node: [onnxNode('Pow: x, two -> p'), onnxNode('Mul: p, scale -> y')],
      initializer: [tensorProto('two', 'float32', [], [2]), tensorProto('scale', 'float32', [1], [3])],
      input: [floats('x', 2)],
      output: [floats('y', 2)],
    };
    const { graph: read, parameters } = readOnnx(onnxModel(scaled));
    expect([...parameters.keys()]).toEqual(['scale']);

    const own = new Graph(ops);
    const x = own.input('x', { dtype: 'float32', shape: [2] });
    own.output(
      'y',
      mul(add(x, own.input('const/0', { dtype: 'float32', shape: [] })), constant(x, tensor('float32', [2], [5, 6]))),
    );
    const initialisers = new Map([['const/0', tensor('float32', [], [4])]]);
    const again = readOnnx(writeOnnx(own, { initialisers }));
    expect(again.parameters).toEqual(initialisers);
    expect(readOnnx(writeOnnx(read, { initialisers: parameters })).parameters).toEqual(parameters);
  });

  it('keep names that mean something to JavaScript', () => {
    const model = readOnnx(
      onnxModel({
        node: [onnxNode('Mul: constructor, __proto__ -> toString', {}, { name: '__proto__' })],
        initializer: [tensorProto('__proto__', 'float32', [1], [2])],
        input: [floats('constructor', 'hasOwnProperty')],
        output: [floats('toString', 'hasOwnProperty')],
      }),
    );
    expect([...model.parameters]).toEqual([['__proto__', { dtype: 'float32', shape: [1], data: Float32Array.of(2) }]]);
    expect(model.axisNames['constructor']).toEqual(['hasOwnProperty']);
    expect(Object.keys(model.axisNames)).toEqual(['constructor', 'toString']);
    expect(printGraph(model.graph)).toContain(
      '%0: float32[1] = Mul(constructor, __proto__) @__proto__\noutput toString',
    );
  });
});

describe('shape arithmetic is gone', () => {
  it("with PyTorch's view(size(0), -1)", () => {
    const graph: GraphInit = {
      node: [
        onnxNode('Shape: x -> shape'),
        onnxNode('Constant: -> zero', { value: { tensor: tensorProto('', 'int64', [], [0]) } }),
        onnxNode('Gather: shape, zero -> n', { axis: { int: 0 } }),
        onnxNode('Unsqueeze: n -> front', { axes: { ints: [0] } }),
        onnxNode('Constant: -> rest', { value: { tensor: tensorProto('', 'int64', [1], [-1]) } }),
        onnxNode('Concat: front, rest -> wanted', { axis: { int: 0 } }),
        onnxNode('Reshape: x, wanted -> y'),
      ],
      input: [floats('x', 'batch', 3, 4)],
      output: [floats('y', 'batch', undefined)],
    };
    expect(lines(graph, { dimensions: { batch: 5 } }, 11)).toEqual([
      '%0: float32[5,12] = Reshape(x) shape=[5,12]',
      'output y = %0',
    ]);
  });

  it("with PyTorch's expand(2, -1)", () => {
    const graph: GraphInit = {
      node: [
        onnxNode('Constant: -> wanted', { value_ints: { ints: [2, -1] } }),
        onnxNode('Shape: wanted -> rank'),
        onnxNode('ConstantOfShape: rank -> ones', { value: { tensor: tensorProto('', 'int64', [1], [1]) } }),
        onnxNode('Constant: -> minus', { value_int: { int: -1 } }),
        onnxNode('Mul: ones, minus -> kept'),
        onnxNode('Equal: wanted, kept -> isKept'),
        onnxNode('Where: isKept, ones, wanted -> shape'),
        onnxNode('Expand: x, shape -> y'),
      ],
      input: [floats('x', 1, 3)],
      output: [floats('y', 2, 3)],
    };
    expect(lines(graph)).toEqual(['%0: float32[2,3] = Expand(x) shape=[2,3]', 'output y = %0']);
  });

  it('with division, rounding and parts of shapes', () => {
    const graph: GraphInit = {
      node: [
        onnxNode('Shape: x -> tail', { start: { int: -1 }, end: { int: 9 } }),
        onnxNode('Cast: tail -> real', { to: { int: 1 } }),
        onnxNode('Constant: -> two', { value_float: { float: 2 } }),
        onnxNode('Div: real, two -> half'),
        onnxNode('Floor: half -> low'),
        onnxNode('Ceil: half -> high'),
        onnxNode('Concat: low, high -> both', { axis: { int: 0 } }),
        onnxNode('Cast: both -> parts', { to: { int: 7 } }),
        onnxNode('Split: x, parts -> a, b', { axis: { int: 1 } }),
        onnxNode('Size: x -> size'),
        onnxNode('Constant: -> three', { value_int: { int: 3 } }),
        onnxNode('Div: size, three -> third'), // 10 / 3 = 3
        onnxNode('Mod: size, three -> remainder'), // 1
        onnxNode('Add: third, remainder -> four'),
        onnxNode('Constant: -> one', { value_int: { int: 1 } }),
        onnxNode('Range: one, four, one -> order'), // 1 2 3
        onnxNode('ReduceProd: order -> six', { keepdims: { int: 0 } }),
        onnxNode('Sub: six, six -> nought'),
        onnxNode('Unsqueeze: nought, axes -> column'),
        onnxNode('Gather: b, column -> c', { axis: { int: 1 } }),
      ],
      initializer: [tensorProto('axes', 'int64', [1], [0])],
      input: [floats('x', 2, 5)],
      output: [floats('a', 2, 2), floats('order', 3), floats('c', 2, 1), floats('column', 1)],
    };
    const printed = lines(graph);
    expect(printed.slice(0, 1)).toEqual(['%0: float32[2,2], %1: float32[2,3] = Split(x) axis=1 sizes=[2,3]']);
    expect(printed).toContain('output order = const:int64[3]{1,2,3}');
    // values that are used as values are computed by nodes, from constants
    expect(printed.at(-2)).toMatch(/^output c = %\d+$/);
    expect(printed.at(-1)).toMatch(/^output column = %\d+$/);
    expect(printed.filter((line) => line.includes('Unsqueeze(%'))).toHaveLength(1);
    expect(printed.some((line) => line.includes('Cast'))).toBe(false);
  });

  it('as is dropout; a mask that is asked for keeps everything', () => {
    const graph: GraphInit = {
      node: [
        onnxNode('Relu: x -> r'),
        onnxNode('Dropout: r, ratio, off -> d, mask', { seed: { int: 3 } }),
        onnxNode('Neg: d -> y'),
      ],
      initializer: [tensorProto('ratio', 'float32', [], [0.5]), tensorProto('off', 'bool', [], [0])],
      input: [floats('x', 2)],
      output: [floats('y', 2), valueInfo('mask', 'bool', [2])],
    };
    expect(lines(graph)).toEqual([
      '%0: float32[2] = Relu(x)',
      '%1: float32[2] = Neg(%0)',
      'output y = %1',
      'output mask = const:bool[2]{1,1}',
    ]);
  });
});

it('Squeeze of an empty list of axes is of all that are 1, and written so', () => {
  const graph: GraphInit = {
    node: [onnxNode('Squeeze: x, none -> y')],
    initializer: [tensorProto('none', 'int64', [0], [])],
    input: [floats('x', 1, 3, 1)],
    output: [floats('y', 3)],
  };
  const { graph: read } = readOnnx(onnxModel(graph));
  expect(read.outputs.get('y')?.shape).toEqual([3]);
  expect(printGraph(readOnnx(writeOnnx(read)).graph)).toContain('float32[3] = Squeeze(x) axes=[0,2]');
});

it('whole numbers keep all their digits', () => {
  const far = 2n ** 60n + 1n;
  const graph: GraphInit = {
    node: [
      onnxNode('Constant: -> a', { value_int: { int: far } }),
      onnxNode('Constant: -> b', { value_ints: { ints: [far, -far] } }),
      onnxNode('Mod: b, ten -> m'),
      onnxNode('Clip: x, least, most -> c'),
      onnxNode('Add: c, a -> s'),
      onnxNode('Add: s, b -> t'),
      onnxNode('Add: t, m -> y'),
    ],
    initializer: [
      tensorProto('ten', 'int64', [], [10]),
      tensorProto('least', 'int64', [], BigInt64Array.of(-(2n ** 63n))),
      tensorProto('most', 'int64', [], BigInt64Array.of(2n ** 63n - 1n)),
    ],
    input: [valueInfo('x', 'int64', [2])],
    output: [valueInfo('y', 'int64', [2])],
  };
  expect(lines(graph)).toEqual([
    '%0: int64[2] = Clip(x)',
    `%1: int64[2] = Add(%0, const:int64[]{${far}})`,
    `%2: int64[2] = Add(%1, const:int64[2]{${far},${-far}})`,
    '%3: int64[2] = Add(%2, const:int64[2]{7,3})',
    'output y = %3',
  ]);
});

describe('cutting', () => {
  const graph: GraphInit = {
    node: [
      onnxNode('Relu: x -> a'),
      onnxNode('Mul: a, w -> b'),
      onnxNode('NonMaxSuppression: b, other -> c', {}, { name: 'last' }),
      onnxNode('Unique: c -> d'),
      onnxNode('Foo: d -> e', {}, { domain: 'com.example' }),
      onnxNode('Foo: e -> f', {}, { domain: 'com.example' }),
      onnxNode('Loop: f -> y', {}, { attribute: [{ name: 'body', type: 5, g: { node: [] } }] }),
    ],
    initializer: [tensorProto('w', 'float32', [1], [2])],
    input: [floats('other', undefined, 'height'), floats('x', 2)],
    output: [floats('y', 2)],
    valueInfo: [floats('b', 'rows')],
  };

  it('reads only what the wanted tensors need, in the wanted order', () => {
    const model = readOnnx(onnxModel(graph), { outputs: ['b', 'x', 'w', 'a'] });
    expect(model.inputs).toEqual(['x']);
    expect({ ...model.axisNames }).toEqual({ b: ['rows'] });
    expect(printGraph(model.graph)).toBe(
      [
        'input x: float32[2]',
        'input w: float32[1]',
        '%0: float32[2] = Relu(x)',
        '%1: float32[2] = Mul(%0, w)',
        'output b = %1',
        'output x = x',
        'output w = w',
        'output a = %0',
        '',
      ].join('\n'),
    );
  });

  it('names every op that is needed and not supported, once', () => {
    expect(() => readOnnx(onnxModel(graph))).toThrow(
      'the ONNX model needs ops that are not supported: NonMaxSuppression (node "last"), Unique (node "d"), ' +
        'com.example:Foo (node "e" and 1 more), Loop (node "y")',
    );
  });

  it('names what there is when a tensor is not there', () => {
    expect(() => readOnnx(onnxModel(graph), { outputs: ['z'] })).toThrow('the ONNX model has no tensor "z", only "y"');
    expect(() => readOnnx(onnxModel(graph), { outputs: [] })).toThrow('no output of the ONNX model is asked for');
  });
});

describe('dimensions', () => {
  const graph: GraphInit = {
    node: [onnxNode('Add: x, y -> z')],
    input: [floats('x', 'batch', 'length', 4), floats('y', undefined, 'length', 4)],
    output: [floats('z', 'batch', 'length', 4)],
  };
  const shapes = (options: ReadOptions) => readOnnx(onnxModel(graph), options).graph.inputs.map(({ shape }) => shape);

  it('are taken by name, a first axis being a batch of 1', () => {
    expect(shapes({ dimensions: { length: 3 } })).toEqual([
      [1, 3, 4],
      [1, 3, 4],
    ]);
    expect(shapes({ dimensions: { length: 3, batch: 2, 'y.2': 1 } })).toEqual([
      [2, 3, 4],
      [1, 3, 1],
    ]);
  });

  it('are taken as whole shapes before anything else', () => {
    expect(shapes({ dimensions: { length: 3 }, inputs: { y: [7, 1, 4] } })).toEqual([
      [1, 3, 4],
      [7, 1, 4],
    ]);
  });

  it('of one name are the same wherever they stand', () => {
    const states: GraphInit = {
      node: [onnxNode('Relu: x -> y')],
      input: [floats('x', 'batch', 2), floats('state', 2, 'batch', 8)],
      output: [floats('y', 'batch', 2)],
    };
    expect(readOnnx(onnxModel(states)).graph.inputs.map(({ shape }) => shape)).toEqual([
      [1, 2],
      [2, 1, 8],
    ]);
  });

  it.each<[string, ReadOptions, string]>([
    [
      'a size that is needed',
      {},
      'axis 1 ("length") of input "x" has no size in the ONNX model: give dimensions["length"]',
    ],
    [
      'a name that is not there',
      { dimensions: { lenght: 3 } },
      'dimensions names "lenght"; the ONNX model\'s symbolic axes are "batch", "length"',
    ],
    [
      'a size that is none',
      { dimensions: { length: 1.5 } },
      'dimensions["length"] is 1.5, a whole number from 0 is expected',
    ],
    ['an input that is not there', { inputs: { q: [1] } }, 'inputs names "q"; the ONNX model\'s inputs are "x", "y"'],
    ['a shape of another rank', { inputs: { x: [1] } }, 'input "x" has 3 axes, the shape [1] has 1'],
    [
      'sizes that do not fit one another',
      { dimensions: { length: 3, 'y.1': 2 } },
      'ONNX node "z" (Add): Add: shapes [1,3,4] and [1,2,4] do not broadcast',
    ],
  ])('name %s', (_, options, message) => {
    expect(() => readOnnx(onnxModel(graph), options)).toThrow(message);
  });

  it('that the file does not even count must be given', () => {
    const unknown: GraphInit = {
      ...graph,
      input: [{ name: 'x', type: { tensorType: { elemType: 1 } } }, floats('y', 1)],
    };
    expect(() => readOnnx(onnxModel(unknown))).toThrow(
      'input "x" has no shape in the ONNX model: give it as inputs["x"]',
    );
    expect(readOnnx(onnxModel(unknown), { inputs: { x: [2, 2] } }).graph.outputs.get('z')!.shape).toEqual([2, 2]);
  });
});

describe('order', () => {
  it('is made right when the nodes are not sorted', () => {
    const graph: GraphInit = {
      node: [onnxNode('Neg: b -> y'), onnxNode('Exp: a -> b'), onnxNode('Abs: x -> a')],
      input: [floats('x', 1)],
      output: [floats('y', 1)],
    };
    expect(lines(graph).map((line) => line.replace(/.* = (\w+)\(.*/, '$1'))).toEqual([
      'Abs',
      'Exp',
      'Neg',
      'output y = %2',
    ]);
  });

  it("is the file's when that is right", () => {
    const graph: GraphInit = {
      node: [
        onnxNode('Abs: x -> a'),
        onnxNode('Exp: x -> b'),
        onnxNode('Neg: x -> c'),
        onnxNode('Add: c, a -> d'),
        onnxNode('Add: d, b -> y'),
      ],
      input: [floats('x', 1)],
      output: [floats('y', 1)],
    };
    expect(
      lines(graph)
        .map((line) => line.replace(/.* = (\w+)\(.*/, '$1'))
        .slice(0, 3),
    ).toEqual(['Abs', 'Exp', 'Neg']);
  });

  it('is found for thirty thousand nodes in reverse', () => {
    const count = 30_000;
    const node = Array.from({ length: count }, (_, i) => onnxNode(`Relu: v${count - 1 - i} -> v${count - i}`));
    const graph: GraphInit = { node, input: [floats('v0', 1)], output: [floats(`v${count}`, 1)] };
    expect(readOnnx(onnxModel(graph)).graph.nodes).toHaveLength(count);
  });
});
