/** What the passes make of a graph, before and after it is differentiated, computes the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LegendaError } from '../../src/errors.js';
import { Graph, type Value } from '../../src/graph/graph.js';
import * as build from '../../src/ops/build.js';
import { interpret } from '../../src/ops/interpret.js';
import type { Case, NumberArray } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import type { Device } from '../../src/passes/device.js';
import { forWebGpu } from '../../src/passes/for-webgpu.js';
import { leftOutOn, optimiseForward, optimiseStep, type PassName } from '../../src/passes/optimise.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import type { DType } from '../../src/tensor/dtype.js';
import { stream } from '../../src/tensor/random.js';
import { tensor } from '../../src/tensor/tensor.js';
import { differentiate, forwardCase } from '../oracle/case-graph.js';
import { drawUniform } from '../oracle/draw.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { runGraph } from '../oracle/run-graph.js';

const runtime = nodeRuntime({ threads: 1 });
const float64Tolerance = { relative: 1e-10, absolute: 1e-10 };

/** The gradients of the output `loss` in all float inputs, as further outputs. */
function withGradients(graph: Graph): Graph {
  const loss = graph.outputs.get('loss');
  if (loss === undefined || hasNoGradient(graph)) return graph;
  differentiate(loss, graph.inputs).forEach((gradient, i) => {
    if (gradient !== undefined) graph.output(`gradient${i}`, gradient);
  });
  return graph;
}

const hasNoGradient = (graph: Graph): boolean => graph.nodes.some(({ op }) => typeof opOf(op).vjp === 'string');

/** @param make the same forward graph at every call */
async function passesKeep(
  make: (precision: DType) => Graph,
  feeds: Readonly<Record<string, NumberArray>>,
): Promise<void> {
  const plain = withGradients(make('float64'));
  const expected = interpret(plain, feeds);
  const best = optimiseStep(withGradients(optimiseForward(make('float64'))));
  const [optimised, onWebGpu] = [best, forWebGpu(best)].map((graph) => interpret(graph, feeds));
  for (const [name, { dtype }] of plain.outputs) {
    const wanted = { ...expected[name]!, dtype };
    for (const found of [optimised!, onWebGpu!])
      expectClose({ ...found[name]!, dtype: 'float64' }, { ...wanted, dtype: 'float64' }, float64Tolerance, name);
  }
  const known = new Set<string>();
  for (const device of ['cpu', 'wasm'] as const) {
    const single = formFor(device, make('float32'));
    const form = single.nodes.map(({ op }) => op).join();
    if (known.has(form)) continue;
    known.add(form);
    const computed = await runGraph(runtime, single, feeds);
    for (const [name, { dtype }] of single.outputs) {
      expectClose(computed[name]!, { ...expected[name]!, dtype }, float32Tolerance, name);
    }
  }
}

/** With its gradients, as it is computed on a device. */
function formFor(device: Device, graph: Graph): Graph {
  const without = leftOutOn(device, 1);
  return optimiseStep(withGradients(optimiseForward(graph, without)), without);
}

describe.each(Object.keys(ops) as OpName[])('%s', (op) => {
  it.each(opOf(op).cases as readonly Case<never>[])('$name', async (example) => {
    const { feeds } = forwardCase(op, example);
    await passesKeep((precision) => forwardCase(op, example, precision).graph, feeds);
  });
});

/** A layer of a random network; those that do not fit what comes before are left out. */
type Layer = (x: Value, parameter: (shape: readonly number[]) => Value) => Value;

const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

const convolution: fc.Arbitrary<Layer> = fc
  .record({
    filters: fc.integer({ min: 1, max: 3 }),
    kernel: pair(3),
    strides: pair(2),
    dilations: pair(2),
    pad: fc.nat(1),
    bias: fc.boolean(),
    group: fc.constantFrom(1, 1, 1, 2),
  })
  .map(({ filters, kernel, strides, dilations, pad, bias, group }) => (x, parameter) => {
    const channels = x.shape[1]!;
    const groups = channels % group === 0 ? group : 1;
    const w = parameter([filters * groups, channels / groups, ...kernel]);
    const pads = kernel.flatMap((k) => (k > pad ? [pad] : [0]));
    const b = bias ? parameter([filters * groups]) : undefined;
    return build.conv(x, w, b, { strides, dilations, pads: [...pads, ...pads], group: groups });
  });

const pooling: fc.Arbitrary<Layer> = fc
  .record({ kernel: pair(3), strides: pair(3), disjoint: fc.boolean(), pad: fc.nat(1), average: fc.boolean() })
  .map(({ kernel, strides, disjoint, pad, average }) => (x) => {
    const pads = kernel.map((k) => (disjoint || k <= pad ? 0 : pad));
    const window = { kernel, strides: disjoint ? kernel : strides, pads: [...pads, ...pads], dilations: [1, 1] };
    return average ? build.averagePool(x, { ...window, countIncludePad: false }) : build.maxPool(x, window);
  });

const elementwise: fc.Arbitrary<Layer> = fc.constantFrom<Layer[]>(
  build.relu,
  build.tanh,
  (x) => build.leakyRelu(x, 0.1),
  (x) => build.mul(x, x),
  (x) => build.add(x, 0.5),
  (x, parameter) => build.mul(x, parameter([x.shape[1]!, 1, 1])),
  (x, parameter) => build.add(x, parameter([1, 1, 1, x.shape[3]!])),
  (x) => build.add(x, build.tanh(x)),
  (x) => build.sub(x, build.reduceMean(x, { axes: [2, 3], keepdims: true })),
  (x) => build.softmax(x, 1),
  (x, parameter) => {
    const c = [x.shape[1]!];
    const variance = build.add(build.mul(parameter(c), parameter(c)), 9);
    return build.batchNormalization(x, parameter(c), parameter(c), parameter(c), variance);
  },
);

const last: fc.Arbitrary<Layer> = fc.constantFrom<Layer[]>(
  (x) => x,
  build.globalAveragePool,
  (x) => build.reduceMean(x, { axes: [2, 3] }),
  (x, parameter) => {
    const flat = build.flatten(x);
    return build.gemm(flat, parameter([2, flat.shape[1]!]), parameter([2]), { transB: true });
  },
);

interface Network {
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
}

const network: fc.Arbitrary<Network> = fc.record({
  input: fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 4, max: 9 }),
    fc.integer({ min: 4, max: 9 }),
  ),
  layers: fc
    .tuple(fc.array(fc.oneof(convolution, convolution, pooling, elementwise), { minLength: 1, maxLength: 6 }), last)
    .map(([layers, end]) => [...layers, end]),
});

function buildNetwork({ input, layers }: Network, precision: DType): Graph {
  const graph = new Graph(ops);
  let count = 0;
  const parameter = (shape: readonly number[]): Value => graph.input(`p${count++}`, { dtype: precision, shape });
  let x = graph.input('x', { dtype: precision, shape: input });
  for (const layer of layers) x = layer(x, parameter);
  graph.output('y', x);
  graph.output('loss', build.reduceSum(build.mul(x, graph.input('w', x))));
  return graph;
}

it('networks of convolutions, pooling and what stands between them', async () => {
  await fc.assert(
    fc.asyncProperty(network, async (drawn) => {
      const fitting: Layer[] = [];
      for (const layer of drawn.layers) {
        try {
          buildNetwork({ ...drawn, layers: [...fitting, layer] }, 'float64');
          fitting.push(layer);
        } catch (error) {
          if (!(error instanceof LegendaError)) throw error;
        }
      }
      const fitted = { ...drawn, layers: fitting };
      const random = stream(6);
      const feeds: Record<string, NumberArray> = {};
      for (const { source, shape } of buildNetwork(fitted, 'float64').inputs) {
        if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -1, 1);
      }
      await passesKeep((precision) => buildNetwork(fitted, precision), feeds);
    }),
    { seed: 20, numRuns: 100 },
  );
});

describe('a layer that is used at every step of a sequence', () => {
  function unrolled(precision: DType, steps: number, rows: number, size: number): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const weight = input('weight', size, size);
    const words = build.split(input('words', steps * rows, size), Array<number>(steps).fill(rows), 0);
    let hidden = input('hidden', rows, size);
    for (const word of words) hidden = build.tanh(build.gemm(hidden, weight, word, { transB: true }));
    graph.output('loss', build.reduceSum(hidden));
    return graph;
  }

  it.each([
    { name: 'many weights, few rows', steps: 5, rows: 2, size: 4 },
    { name: 'few weights, many rows', steps: 3, rows: 6, size: 2 },
    { name: 'two steps', steps: 2, rows: 1, size: 3 },
  ])('$name', async ({ steps, rows, size }) => {
    const random = stream(7);
    const feeds = {
      weight: drawUniform(random, [size, size], -1, 1),
      words: drawUniform(random, [steps * rows, size], -1, 1),
      hidden: drawUniform(random, [rows, size], -1, 1),
    };
    await passesKeep((precision) => unrolled(precision, steps, rows, size), feeds);
  });

  it('has one product for its weight gradient where that moves less', () => {
    const products = (rows: number, size: number) =>
      optimiseStep(withGradients(optimiseForward(unrolled('float32', 6, rows, size)))).nodes.filter(
        ({ op, outputs: [y] }) => op === 'Gemm' && y!.shape[0] === size && y!.shape[1] === size,
      ).length;
    expect(products(2, 8)).toBe(1);
    expect(products(16, 3)).toBe(6);
  });

  /** Gates, states that begin as rows and lose one on the way, what looks at the state, and a bias. */
  function gated(precision: DType, rows: number, size: number, parameters = new Graph(ops)): Graph {
    const input = (name: string, ...shape: number[]) => parameters.input(name, { dtype: precision, shape });
    const [hh, cc, bias, scale] = [
      input('hh', 2 * size, size),
      input('cc', size, size),
      input('bias', size),
      input('scale', rows, 1),
    ];
    const counts = [rows, rows, rows, rows - 1, rows - 1, rows - 1, rows - 1];
    const words = build.split(input('words', 7 * rows - 4, 2 * size), counts, 0);
    let hidden = build.mul(input('first', rows, size), scale);
    const looks: Value[] = [];
    for (const [step, word] of words.entries()) {
      const count = counts[step]!;
      if (hidden.shape[0] !== count) hidden = build.slice(hidden, [0], [count]);
      const gates = build.gemm(hidden, hh, word, { alpha: 0.5, transB: true });
      const [open, next] = build.split(gates, [size, size], -1) as [Value, Value];
      looks.push(build.gemm(hidden, cc, bias));
      const kept = build.mul(hidden, build.slice(scale, [0], [count]));
      hidden = build.add(build.mul(build.sigmoid(open), build.tanh(next)), kept);
    }
    const all = build.mul(build.concat([...looks, hidden], 0), 0.1);
    parameters.output('states', all);
    parameters.output('loss', build.reduceSum(build.mul(all, all)));
    return parameters;
  }

  it.each([
    { rows: 3, size: 132 },
    { rows: 7, size: 130 },
  ])('keeps $rows states of $size in columns', async ({ rows, size }) => {
    const random = stream(8);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of gated('float64', rows, size).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -0.3, 0.3);
    await passesKeep((precision) => gated(precision, rows, size), feeds);
    const { nodes } = optimiseStep(withGradients(optimiseForward(gated('float32', rows, size))));
    const large = nodes.filter(
      ({ op, inputs: [, right] }) => op === 'Gemm' && right!.shape[0]! * right!.shape[1]! > 2 ** 14,
    );
    expect(large).toEqual([]);
    // each of the weights once, for all steps
    const turned = nodes.filter(({ op, inputs: [x] }) => op === 'Transpose' && x!.shape[1]! * x!.shape[2]! > 2 ** 14);
    expect(turned.length).toBe(2);
  });
});

describe('a layer of few rows and large weights', () => {
  function layer(precision: DType, rows: number, bias: readonly number[] | undefined): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const added = bias && input('bias', ...bias);
    const y = build.gemm(input('x', rows, 520), input('weight', 512, 520), added, { transB: true, alpha: 0.5 });
    graph.output('y', y);
    graph.output('loss', build.reduceSum(build.mul(build.relu(y), 0.1)));
    return graph;
  }
  const largeFactors = ({ nodes }: Graph) =>
    nodes.filter(
      ({ op, inputs: [, right], attributes }) => op === 'Gemm' && attributes['transB'] && right!.shape[0] === 512,
    );

  it.each([
    ['no bias', undefined],
    ['one by column', [512]],
    ['one by column, as a row', [1, 512]],
    ['one by row', [3, 1]],
    ['one of all', [3, 512]],
    ['one number', [1]],
  ])('is turned with %s', async (_, bias) => {
    const random = stream(10);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of layer('float64', 3, bias).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -0.3, 0.3);
    await passesKeep((precision) => layer(precision, 3, bias), feeds);
  });

  it('and is not where its rows are many, or its bias is a matrix', () => {
    expect(largeFactors(optimiseStep(layer('float32', 64, [512])))).toHaveLength(0);
    expect(largeFactors(optimiseStep(layer('float32', 65, [512])))).toHaveLength(1);
    expect(largeFactors(optimiseStep(layer('float32', 64, [64, 512])))).toHaveLength(1);
  });
});

it('a layer with as many rows as columns keeps its bias by row', async () => {
  const make = (precision: DType): Graph => {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const y = build.gemm(input('x', 16, 2 ** 14), input('weight', 16, 2 ** 14), input('bias', 16, 1), { transB: true });
    graph.output('y', y);
    return graph;
  };
  const random = stream(11);
  const feeds = {
    x: drawUniform(random, [16, 2 ** 14], -0.1, 0.1),
    weight: drawUniform(random, [16, 2 ** 14], -0.1, 0.1),
    bias: drawUniform(random, [16, 1], -1, 1),
  };
  await passesKeep(make, feeds);
});

it('keeps nothing of additive attention that is rectified for the way back', () => {
  const graph = new Graph(ops);
  const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: 'float32', shape });
  const [regions, v] = [input('regions', 2, 3, 5), input('v', 1, 5)];
  const scores = [0, 1, 2].map((i) => {
    const hidden = build.relu(build.add(regions, input(`query${i}`, 2, 1, 5)));
    return build.gemm(build.reshape(hidden, [6, 5]), v, undefined, { transB: true });
  });
  graph.output('loss', build.reduceSum(build.mul(build.concat(scores, 0), input('w', 18, 1))));
  const { nodes } = formFor('cpu', graph);
  const rectified = new Set(nodes.filter(({ op }) => op === 'Relu').flatMap(({ outputs }) => outputs));
  expect(rectified.size).toBe(3);
  const isOf = (value: Value): boolean =>
    rectified.has(value) ||
    (value.source.kind === 'node' && value.source.node.op === 'Reshape' && isOf(value.source.node.inputs[0]!));
  const readers = nodes.filter(({ op, inputs }) => op !== 'Reshape' && inputs.some(isOf));
  expect(readers.map(({ op, outputs: [y] }) => [op, y!.shape])).toEqual(Array(3).fill(['Gemm', [6, 1]]));
});

it('gates have a multiplication less each on the way back', async () => {
  const make = (precision: DType): Graph => {
    const graph = new Graph(ops);
    const input = (name: string) => graph.input(name, { dtype: precision, shape: [2, 3] });
    const gated = build.mul(build.sigmoid(input('open')), build.tanh(input('x')));
    graph.output('loss', build.reduceSum(build.mul(gated, input('w'))));
    return graph;
  };
  const random = stream(14);
  const feeds = Object.fromEntries(['open', 'x', 'w'].map((name) => [name, drawUniform(random, [2, 3], -2, 2)]));
  await passesKeep(make, feeds);
  const multiplications = (without: readonly PassName[]) =>
    optimiseStep(withGradients(make('float32')), without).nodes.filter(({ op }) => op === 'Mul').length;
  expect([multiplications(['reuseProducts']), multiplications([])]).toEqual([10, 8]);
});

it('weights that are cut by what they multiply have one product for their gradient', async () => {
  const make = (precision: DType, rows: number): Graph => {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const [left, right] = build.split(input('weight', 8, 7), [3, 4], 1) as [Value, Value];
    const sum = build.gemm(input('a', rows, 3), left, undefined, { transB: true });
    const y = build.gemm(input('b', rows, 4), right, sum, { transB: true });
    graph.output('loss', build.reduceSum(build.mul(y, y)));
    return graph;
  };
  const random = stream(15);
  const feeds = {
    weight: drawUniform(random, [8, 7], -1, 1),
    a: drawUniform(random, [2, 3], -1, 1),
    b: drawUniform(random, [2, 4], -1, 1),
  };
  await passesKeep((precision) => make(precision, 2), feeds);
  const gradients = (rows: number) =>
    optimiseStep(withGradients(make('float32', rows))).nodes.flatMap(({ op, outputs: [y] }) =>
      op === 'Gemm' && y!.shape[0] === 8 ? [y!.shape[1]] : [],
    );
  expect(gradients(2)).toEqual([7]);
  // what would be put together is larger than the weights
  expect(gradients(9).sort()).toEqual([3, 4]);
});

describe('a row of few numbers for many rows', () => {
  function shifted(precision: DType, rows: readonly number[], shape: readonly number[]): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...of: number[]) => graph.input(name, { dtype: precision, shape: of });
    const [x, bias] = [input('x', ...rows, 3), input('bias', ...shape)];
    const y = build.sub(bias, build.mul(build.add(x, bias), x));
    graph.output('loss', build.reduceSum(build.mul(y, y)));
    return graph;
  }

  it.each([
    { rows: [2, 5], shape: [3] },
    { rows: [7], shape: [1, 3] },
    { rows: [35, 35], shape: [1, 1, 3] },
    { rows: [1031], shape: [3] },
  ])('of $rows and $shape gives the same', async ({ rows, shape }) => {
    const random = stream(13);
    const x = drawUniform(random, [...rows, 3], -1, 1);
    const feeds = { x, bias: drawUniform(random, shape, -1, 1) };
    await passesKeep((precision) => shifted(precision, rows, shape), feeds);
  });

  it('is a row of many for fewer', () => {
    const { nodes } = optimiseStep(shifted('float32', [35, 35], [3]));
    const [sum] = nodes.filter(({ op }) => op === 'Add');
    // 1,225 rows have 245 as their largest divisor of which rows stay within 1,024 numbers
    expect(sum!.outputs[0]!.shape).toEqual([5, 735]);
    // a prime number of rows has none
    expect(optimiseStep(shifted('float32', [1031], [3])).nodes.every(({ op }) => op !== 'Expand')).toBe(true);
  });
});

describe('a product that is taken away from something', () => {
  const optimised = (isReadTwice: boolean): Graph => {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: 'float32', shape });
    const product = build.gemm(input('a', 4, 3), input('b', 3, 5));
    graph.output('left', build.sub(input('c', 4, 5), product));
    if (isReadTwice) graph.output('product', product);
    return optimiseStep(graph);
  };

  it('is one Gemm with it, and no other where the product is read elsewhere', () => {
    expect(optimised(false).nodes.map(({ op }) => op)).toEqual(['Gemm']);
    expect(optimised(true).nodes.map(({ op }) => op)).toEqual(['Gemm', 'Sub']);
  });
});

describe('convolutions one after the other', () => {
  /** [N, 2, 7, 7] through two convolutions, the second with or without a border of zeros. */
  function twice(precision: DType, images: number, pad: number): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const geometry = { strides: [1, 1], dilations: [1, 1], group: 1 };
    const [first, second] = [input('first', 3, 2, 2, 2), input('second', 4, 3, 3, 3)];
    const bias = input('bias', 4);
    const x = build.relu(
      build.conv(input('x', images, 2, 7, 7), first, undefined, { ...geometry, pads: [0, 0, 0, 0] }),
    );
    const y = build.conv(x, second, bias, { ...geometry, pads: [pad, pad, pad, pad] });
    const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] };
    graph.output('loss', build.reduceSum(build.mul(build.maxPool(y, window), input('w', 1, 4, 1, 1))));
    return graph;
  }

  it.each([
    [1, 0],
    [2, 0],
    [3, 1],
  ])('with %i images and a border of %i have the same gradients', async (images, pad) => {
    const random = stream(12);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of twice('float64', images, pad).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -1, 1);
    await passesKeep((precision) => twice(precision, images, pad), feeds);
  });

  it('gather all images at once on the way back, and add the bias after the pooling', () => {
    const step = optimiseStep(withGradients(optimiseForward(twice('float32', 5, 0), ['winograd'])));
    const widths = step.nodes.flatMap(({ op, inputs: [x] }) => (op === 'Gather' ? [x!.shape[1]!] : []));
    // patches: of the first and its gradient a pixel of 5 images, of the second 3 channels; its gradient 3 channels of 5 images
    expect(widths.sort((a, b) => a - b)).toEqual([3, 5, 5, 15]);
    const [sum] = step.nodes.filter(({ op, outputs: [y] }) => op === 'Add' && y!.shape.join() === '1,80');
    expect(sum).toBeDefined();
  });
});

describe('3×3 filters that are moved by one', () => {
  /** [N, 1, H, W] through a convolution that gives the channels, and one that is computed by tiles, before a pooling. */
  function tiled(precision: DType, { images, height, width, pad, channels, filters, bias }: Tiled): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const geometry = { strides: [1, 1], dilations: [1, 1], group: 1 };
    const first = build.conv(input('x', images, 1, height, width), input('w1', channels, 1, 1, 1), undefined, {
      ...geometry,
      pads: [0, 0, 0, 0],
    });
    const y = build.conv(
      build.tanh(first),
      input('w2', filters, channels, 3, 3),
      bias ? input('b', filters) : undefined,
      {
        ...geometry,
        pads: pad,
      },
    );
    const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] };
    // what comes between them keeps the bias before the pooling
    const pooled = build.maxPool(bias ? build.tanh(y) : y, window);
    graph.output('loss', build.reduceSum(build.mul(pooled, input('weights', 1, ...pooled.shape.slice(1)))));
    return graph;
  }
  interface Tiled {
    readonly images: number;
    readonly height: number;
    readonly width: number;
    /** As of a Conv: top, left, bottom, right. */
    readonly pad: readonly number[];
    readonly channels: number;
    readonly filters: number;
    readonly bias: boolean;
  }
  const plain: Tiled = { images: 2, height: 8, width: 6, pad: [0, 0, 0, 0], channels: 12, filters: 16, bias: false };

  it.each<[string, Partial<Tiled>]>([
    ['without a border', {}],
    ['one image', { images: 1, height: 4, width: 4 }],
    ['a border of zeros', { pad: [1, 1, 1, 1] }],
    ['a border on two sides', { height: 7, width: 7, pad: [0, 1, 1, 0] }],
    ['a bias that another op reads', { bias: true, images: 3 }],
    ['more channels than filters', { channels: 24, filters: 12 }],
  ])('%s: the same gradients', async (_name, changes) => {
    const random = stream(21);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of tiled('float64', { ...plain, ...changes }).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -1, 1);
    await passesKeep((precision) => tiled(precision, { ...plain, ...changes }), feeds);
  });

  /** Whether tiles of 16 pixels are multiplied. */
  const isTiled = (changes: Partial<Tiled>, without: readonly PassName[] = []): boolean =>
    optimiseForward(tiled('float32', { ...plain, ...changes }), without).nodes.some(
      ({ op, outputs: [y] }) => op === 'MatMul' && y!.shape.length === 3 && y!.shape[0] === 16,
    );

  it('are computed by tiles', () => {
    expect(isTiled({})).toBe(true);
    expect(isTiled({}, ['winograd'])).toBe(false);
    // an odd side, which is not pooled by whole windows
    expect(isTiled({ height: 9, width: 9 })).toBe(false);
  });

  it('without a pooling, added to what they were computed from: the same gradients', async () => {
    const make = (precision: DType): Graph => {
      const graph = new Graph(ops);
      const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
      const convolved = (x: Value, w: Value, pad: number) =>
        build.conv(x, w, undefined, { strides: [1, 1], pads: [pad, pad, pad, pad], dilations: [1, 1], group: 1 });
      const x = build.tanh(convolved(input('x', 2, 3, 6, 4), input('w0', 5, 3, 1, 1), 0));
      const inner = build.tanh(convolved(x, input('w1', 5, 5, 3, 3), 1));
      const y = build.add(x, convolved(inner, input('w2', 5, 5, 3, 3), 1));
      graph.output('loss', build.reduceSum(build.mul(build.globalAveragePool(build.mul(y, y)), input('w', 5, 1, 1))));
      return graph;
    };
    const tiles = optimiseForward(make('float32')).nodes.filter(
      ({ op, outputs: [z] }) => op === 'MatMul' && z!.shape[0] === 4,
    );
    expect(tiles).toHaveLength(2);
    const random = stream(22);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of make('float64').inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -1, 1);
    await passesKeep(make, feeds);
  });
});

describe('a layer with one output over many rows', () => {
  /** What additive attention does of several words: looks at the same rows, which are masked otherwise each time. */
  function scored(precision: DType, words: number): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const [regions, weight, v] = [input('regions', 6, 4), input('weight', 5, 4), input('v', 1, 5)];
    const projected = build.reshape(build.gemm(regions, weight, undefined, { transB: true }), [2, 3, 5]);
    const scores = Array.from({ length: words }, (_, i) => {
      const hidden = build.relu(build.add(projected, input(`query${i}`, 2, 1, 5)));
      return build.softmax(
        build.reshape(build.gemm(build.reshape(hidden, [6, 5]), v, undefined, { transB: true }), [2, 3]),
      );
    });
    graph.output('loss', build.reduceSum(build.mul(build.concat(scores, 0), input('w', 2 * words, 3))));
    return graph;
  }

  it.each([1, 2, 4])('has the same gradients after %i uses', async (words) => {
    const random = stream(9);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of scored('float64', words).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -1, 1);
    await passesKeep((precision) => scored(precision, words), feeds);
  });

  it('multiplies by its weights once for all uses', () => {
    const { nodes, inputs } = optimiseStep(withGradients(optimiseForward(scored('float32', 4))));
    const isWeight = ({ source }: Value): boolean =>
      source.kind === 'input'
        ? source.name === 'v'
        : source.kind === 'node' && ['Reshape', 'Expand'].includes(source.node.op) && isWeight(source.node.inputs[0]!);
    expect(inputs.some(isWeight)).toBe(true);
    const products = nodes.filter(({ op, inputs: [, right] }) => op === 'Mul' && isWeight(right!));
    // of the queries one each, and one of the regions
    expect(products.length).toBe(5);
  });
});

describe('masks of the same large tensor and of small ones', () => {
  /** Additive attention of two words over regions [examples, count, channels]. */
  function attention(precision: DType, examples: number, count: number, channels: number): Graph {
    const graph = new Graph(ops);
    const input = (name: string, ...shape: number[]) => graph.input(name, { dtype: precision, shape });
    const [regions, v] = [input('regions', examples, count, channels), input('v', channels, 1)];
    const scores = ['first', 'second'].map((name) => {
      const hidden = build.relu(build.add(regions, input(name, examples, 1, channels)));
      return build.gemm(build.reshape(hidden, [examples * count, channels]), v);
    });
    graph.output('loss', build.reduceSum(build.mul(build.concat(scores, 0), input('w', 2 * examples * count, 1))));
    return graph;
  }

  const masksOf = (graph: Graph): readonly (readonly number[])[] =>
    formFor('cpu', graph).nodes.flatMap(({ op, outputs: [y] }) => (op === 'HardSigmoid' ? [y!.shape] : []));

  it('are made again for a few examples at a time, and multiplied over the words', async () => {
    const random = stream(21);
    const feeds: Record<string, NumberArray> = {};
    for (const { source, shape } of attention('float64', 3, 32, 4096).inputs)
      if (source.kind === 'input') feeds[source.name] = drawUniform(random, shape, -0.1, 0.1);
    await passesKeep((precision) => attention(precision, 3, 32, 4096), feeds);
    const single = [3, 32, 4096];
    const [pair, last] = [2, 1].map((size) => [size, 32, 2, 4096]);
    expect(masksOf(attention('float32', 3, 32, 4096))).toEqual([single, single, pair, last]);
  });

  it('are made once where those of one example take more than a cache', () => {
    const single = [2, 128, 4097];
    expect(masksOf(attention('float32', ...(single as [number, number, number])))).toEqual([single, single]);
  });
});

describe('numbers that values are multiplied by', () => {
  const shape = [3, 4];
  const given = (precision: DType): Graph => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: precision, shape });
    const [s, t] = ['s', 't'].map((name) => graph.input(name, { dtype: precision, shape: [] })) as [Value, Value];
    const scaled = build.mul(t, x);
    graph.output('merged', build.add(build.div(build.mul(s, scaled), t), 1));
    graph.output('squared', build.add(build.mul(scaled, scaled), build.mul(x, x)));
    return graph;
  };
  const size = (value: Value): number => value.shape.reduce((product, each) => product * each, 1);

  it('are one', async () => {
    const random = stream(11);
    const feeds = {
      x: drawUniform(random, shape, -1, 1),
      s: drawUniform(random, [], 1, 2),
      t: drawUniform(random, [], 1, 2),
    };
    await passesKeep(given, feeds);
    const { nodes } = optimiseStep(given('float32'));
    const large = nodes.filter(({ op, outputs: [y] }) => (op === 'Mul' || op === 'Div') && size(y!) > 1);
    // x·factor, x·x for both squares, x²·factor
    expect(large.length).toBe(3);
  });

  it('stay where they are in whole numbers', async () => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: 'int32', shape: [3] });
    graph.output('y', build.div(build.mul(x, 7), 2));
    const { y } = await runGraph(runtime, optimiseStep(graph), { x: { shape: [3], data: Float64Array.of(1, 3, 5) } });
    expect([...y!.data]).toEqual([3, 10, 17]);
  });
});

describe('nodes and constants that are nearly the same', () => {
  const type = { dtype: 'float32', shape: [3] } as const;

  it('stay apart where an attribute is infinite with another sign', async () => {
    const graph = new Graph(ops);
    const x = graph.input('x', type);
    graph.output('above', build.maximum(build.pad(x, [1, 0], Number.NEGATIVE_INFINITY), 0));
    graph.output('below', build.minimum(build.pad(x, [1, 0], Number.POSITIVE_INFINITY), 0));
    const { above, below } = await runGraph(runtime, optimiseStep(graph), {
      x: { shape: [3], data: Float64Array.of(1, -2, 3) },
    });
    expect([...above!.data]).toEqual([0, 1, 0, 3]);
    expect([...below!.data]).toEqual([0, 0, -2, 0]);
  });

  it('stay apart where a number is -0, or has digits that no double has', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', type);
    for (const zero of [0, -0]) graph.output(`by ${Object.is(zero, -0)}`, build.div(x, zero));
    const n = graph.input('n', { dtype: 'int64', shape: [1] });
    for (const more of [0n, 1n])
      graph.output(
        `plus ${more}`,
        build.add(n, build.constant(n, tensor('int64', [1], BigInt64Array.of(2n ** 60n + more)))),
      );
    expect(optimiseStep(graph).nodes).toHaveLength(4);
  });
});

describe('a mask', () => {
  const pooled = (precision: DType): Graph => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: precision, shape: [2, 1, 6, 6] });
    const w = graph.input('w', { dtype: precision, shape: [2, 1, 3, 3] });
    const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 };
    const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] };
    const y = build.relu(build.maxPool(build.conv(x, w, undefined, geometry), window));
    graph.output('loss', build.reduceSum(build.mul(y, y)));
    return graph;
  };
  const opsOf = (graph: Graph): Set<OpName> => new Set(graph.nodes.map(({ op }) => op as OpName));

  it('of a pooling and of a relu is a HardSigmoid natively, and a Sign in WebAssembly', () => {
    const [native, web] = (['cpu', 'wasm'] as const).map((device) => opsOf(formFor(device, pooled('float32'))));
    expect([native!.has('HardSigmoid'), native!.has('Sign'), native!.has('Greater')]).toEqual([true, false, false]);
    expect([web!.has('HardSigmoid'), web!.has('Sign'), web!.has('Greater')]).toEqual([false, true, false]);
  });

  it('gives ties to the first, where a patch is the same all over', async () => {
    const values = (count: number, value: (i: number) => number) =>
      Float64Array.from({ length: count }, (_, i) => value(i));
    await passesKeep(pooled, {
      x: { shape: [2, 1, 6, 6], data: values(72, (i) => (i % 6 < 3 ? 1 : i)) },
      w: { shape: [2, 1, 3, 3], data: values(18, (i) => (i < 9 ? 1 : i - 13)) },
    });
  });

  it('of what may be negative stays a comparison in WebAssembly', () => {
    const graph = new Graph(ops);
    const [x, y] = ['x', 'y'].map((name) => graph.input(name, { dtype: 'float32', shape: [4] })) as [Value, Value];
    graph.output('mask', build.cast(build.greater(x, 0), 'float32'));
    graph.output('other', build.cast(build.greater(build.maximum(x, 1), y), 'float32'));
    const web = optimiseStep(graph, leftOutOn('wasm')).nodes.map(({ op }) => op);
    expect(web.filter((op) => op === 'Greater')).toHaveLength(2);
  });
});
