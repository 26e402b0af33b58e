/** In blocks of channels a step computes what it computes without. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LegendaError } from '../../src/errors.js';
import { Graph, type Value } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import * as build from '../../src/ops/build.js';
import { interpret } from '../../src/ops/interpret.js';
import type { NumberArray } from '../../src/ops/op.js';
import { ops } from '../../src/ops/table.js';
import { inChannelBlocks } from '../../src/passes/blocked/in-channel-blocks.js';
import { leftOutOn, optimiseForward, optimiseStep, type PassName } from '../../src/passes/optimise.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { stream } from '../../src/tensor/random.js';
import { differentiate } from '../oracle/case-graph.js';
import { drawUniform } from '../oracle/draw.js';
import { expectClose } from '../oracle/expect-close.js';
import { runGraph } from '../oracle/run-graph.js';

const runtime = nodeRuntime({ threads: 2 });
const own = await runtime.channelBlock();

/** Several layers and sums over all of an image round more than an op does. */
const roundedTolerance = { relative: 1e-4, absolute: 1e-4 };

type Layer = (x: Value, parameter: (shape: readonly number[]) => Value) => Value;

const simple = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
const sides = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

const convolution: fc.Arbitrary<Layer> = fc
  .record({
    filters: fc.constantFrom(2, 4, 8, 12),
    kernel: sides(3),
    strides: sides(2),
    dilations: sides(2),
    pads: fc.tuple(fc.nat(1), fc.nat(2), fc.nat(1), fc.nat(1)),
    bias: fc.boolean(),
    depthwise: fc.boolean(),
  })
  .map(({ filters, depthwise, bias, kernel, ...window }) => (x, parameter) => {
    const channels = x.shape[1]!;
    const count = depthwise ? channels : filters;
    const w = parameter([count, depthwise ? 1 : channels, ...kernel]);
    return build.conv(x, w, bias ? parameter([count]) : undefined, { ...window, group: depthwise ? channels : 1 });
  });

const spreading: fc.Arbitrary<Layer> = fc
  .record({
    channels: fc.constantFrom(4, 8, 12),
    kernel: sides(4),
    strides: sides(3),
    outputPadding: fc.tuple(fc.nat(1), fc.nat(1)),
    pads: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
    depthwise: fc.boolean(),
  })
  .map(({ channels, depthwise, kernel, ...window }) => (x, parameter) => {
    const filters = x.shape[1]!;
    const w = parameter([filters, depthwise ? 1 : channels, ...kernel]);
    const y = build.convTranspose(x, w, { ...window, dilations: [1, 1], group: depthwise ? filters : 1 });
    return y.shape.includes(0) ? x : y;
  });

const pooling: fc.Arbitrary<Layer> = fc
  .record({ kernel: sides(3), strides: sides(2), pad: fc.nat(1), dilations: sides(2) })
  .map(({ kernel, strides, pad, dilations }) => (x) => {
    // with dilations a window may have nothing but padding
    const pads = kernel.map((k) => (k > pad && dilations.every((d) => d === 1) ? pad : 0));
    return build.maxPool(x, { kernel, strides, pads: [...pads, ...pads], dilations });
  });

/** What stands between convolutions. */
const between: fc.Arbitrary<Layer> = fc.constantFrom<Layer[]>(
  (x) => build.clip(x, -0.5, 0.75),
  build.relu,
  build.sigmoid,
  build.exp,
  (x) => build.add(x, build.tanh(x)),
  (x) => build.div(x, 2),
  (x, parameter) => build.mul(x, parameter([x.shape[1]!, 1, 1])),
  (x, parameter) => build.mul(x, parameter([x.shape[0]!, 1, x.shape[2]!, x.shape[3]!])),
  (x, parameter) => build.add(x, parameter([x.shape[3]!])),
  (x, parameter) => build.add(x, parameter(x.shape)),
  (x) => build.concat([x, build.relu(x)], 1),
  (x) => build.slice(x, [0], [Math.ceil(x.shape[1]! / 2)], [1]),
  (x) => build.softmax(x, 1),
  (x) => build.averagePool(x, { kernel: [2, 2], ...simple, countIncludePad: false }),
  // squeeze and excitation
  (x, parameter) => {
    const means = build.reduceMean(x, { axes: [2, 3], keepdims: true });
    return build.mul(
      x,
      build.sigmoid(build.conv(means, parameter([x.shape[1]!, x.shape[1]!, 1, 1]), undefined, simple)),
    );
  },
  // batch normalisation as it is trained
  (x, parameter) => {
    const each = [1, x.shape[1]!, 1, 1];
    const mean = build.reshape(build.reduceMean(x, { axes: [0, 2, 3] }), each);
    const apart = build.sub(x, mean);
    const variance = build.reshape(build.reduceMean(build.mul(apart, apart), { axes: [0, 2, 3] }), each);
    const scaled = build.div(apart, build.sqrt(build.add(variance, 1)));
    return build.add(build.mul(scaled, parameter(each)), parameter(each));
  },
);

const last: fc.Arbitrary<Layer> = fc.constantFrom<Layer[]>(
  (x) => x,
  build.globalAveragePool,
  (x) => build.reduceSum(x, { axes: [-1, 2] }),
  (x) => build.reduceMean(x, { axes: [0, 2, 3], keepdims: true }),
  (x) => build.flatten(x),
);

const network = fc.record({
  input: fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.constantFrom(3, 4, 6, 8, 12),
    fc.integer({ min: 4, max: 8 }),
    fc.integer({ min: 4, max: 8 }),
  ),
  layers: fc
    .tuple(convolution, fc.array(fc.oneof(convolution, spreading, pooling, between, between), { maxLength: 5 }), last)
    .map(([first, layers, end]) => [first, ...layers, end]),
});

/** The network's layers that fit, with the gradients of all it is given. */
function stepOf({ input, layers }: { readonly input: readonly number[]; readonly layers: readonly Layer[] }): Graph {
  const graph = new Graph(ops);
  let count = 0;
  const parameter = (shape: readonly number[]): Value => graph.input(`p${count++}`, { dtype: 'float32', shape });
  let x = graph.input('x', { dtype: 'float32', shape: input });
  for (const layer of layers) {
    try {
      x = layer(x, parameter);
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
    }
  }
  graph.output('y', x);
  graph.output('loss', build.reduceSum(build.mul(x, graph.input('w', x))));
  const without: readonly PassName[] = [...leftOutOn('cpu', 2), 'lowerConvolutions'];
  const forward = optimiseForward(graph, without);
  differentiate(forward.outputs.get('loss')!, forward.inputs).forEach((gradient, i) => {
    if (gradient !== undefined) forward.output(`gradient${i}`, gradient);
  });
  return optimiseStep(forward, without);
}

const feedsOf = (graph: Graph): Record<string, NumberArray> => {
  const random = stream(6);
  return Object.fromEntries(
    graph.inputs.map(({ source, shape }) => [
      source.kind === 'input' ? source.name : '',
      drawUniform(random, shape, -1, 1),
    ]),
  );
};

it.each([4, 8, 16])('networks in blocks of %d channels', { timeout: 120_000 }, (block) => {
  const used = new Set<string>();
  fc.assert(
    fc.property(network, (drawn) => {
      const step = stepOf(drawn);
      const feeds = feedsOf(step);
      const form = inChannelBlocks(step, block, 0);
      verifyGraph(form);
      for (const { op } of form.nodes) used.add(op);
      const [expected, found] = [interpret(step, feeds), interpret(form, feeds)];
      for (const name of step.outputs.keys())
        expectClose(
          { ...found[name]!, dtype: 'float64' },
          { ...expected[name]!, dtype: 'float64' },
          { relative: 1e-9, absolute: 1e-9 },
          name,
        );
    }),
    { seed: 21, numRuns: 400 },
  );
  for (const op of ['NchwcConv', 'NchwcMaxPool', 'ReorderInput', 'ReorderOutput']) expect(used).toContain(op);
});

it.skipIf(own === 1)(
  `networks as ONNX Runtime computes them here, in blocks of ${own}`,
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(network, async (drawn) => {
        const step = stepOf(drawn);
        const feeds = feedsOf(step);
        const expected = interpret(step, feeds);
        const found = await runGraph(runtime, inChannelBlocks(step, own, 0), feeds);
        for (const [name, { dtype }] of step.outputs)
          expectClose(found[name]!, { ...expected[name]!, dtype }, roundedTolerance, name);
      }),
      { seed: 22, numRuns: 300 },
    );
  },
);
