/** Results and gradients that PyTorch computed, against the reference and against the runtime. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../src/graph/graph.js';
import { BatchNorm2d } from '../../src/nn/batch-norm2d.js';
import { crossEntropy, nllLoss } from '../../src/nn/loss.js';
import { Trace } from '../../src/nn/trace.js';
import { add, mul, reduceSum } from '../../src/ops/build.js';
import { interpret } from '../../src/ops/interpret.js';
import type { NumberArray } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import type { DType } from '../../src/tensor/dtype.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { differentiate } from '../oracle/case-graph.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { runGraph } from '../oracle/run-graph.js';

interface Packed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Golden {
  /** An op, or a function of `built`. */
  readonly op: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, never>>;
  readonly inputs: readonly Packed[];
  /** Of the results; null where a result is no float. */
  readonly weights: readonly (readonly number[] | null)[];
  readonly results: readonly Packed[];
  readonly gradients: readonly (readonly number[] | null)[];
}

interface Built {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly results: readonly Value[];
}

const cases: readonly Golden[] = readFileSync(new URL('torch/goldens.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const runtime = nodeRuntime({ threads: 1 });
/** The goldens have 9 significant digits. */
const goldenTolerance = { relative: 1e-8, absolute: 1e-8 };

/** What is made of several ops. */
const built: Readonly<Record<string, (golden: Golden, precision: DType) => Built>> = {
  crossEntropy: (golden, precision) =>
    build(golden, precision, ([logits, targets]) => [crossEntropy(logits!, targets!, golden.attributes)]),
  nllLoss: (golden, precision) =>
    build(golden, precision, ([logProbabilities, targets]) => [
      nllLoss(logProbabilities!, targets!, golden.attributes),
    ]),
  BatchNorm2d: ({ inputs: [input] }) => {
    const layer = new BatchNorm2d(input!.shape[1]!);
    const trace = new Trace(layer, true);
    const x = trace.graph.input('x', input!);
    const y = layer.call(x, trace);
    return {
      graph: trace.graph,
      inputs: [x, trace.parameter(layer.weight), trace.parameter(layer.bias)],
      results: [y],
    };
  },
};

function build(golden: Golden, precision: DType, results: (inputs: readonly Value[]) => readonly Value[]): Built {
  const graph = new Graph(ops);
  const inputs = golden.inputs.map(({ dtype, shape }, i) =>
    graph.input(`x${i}`, { shape, dtype: dtype === 'float32' ? precision : dtype }),
  );
  return { graph, inputs, results: results(inputs) };
}

const buildOp = (golden: Golden, precision: DType): Built =>
  build(golden, precision, ([first, ...others]) =>
    first!.graph.apply(golden.op, [first!, ...others], golden.attributes),
  );

/**
 * Outputs `y0`, … and `d0`, …, their expected values, and what to feed.
 * @param precision of the floats; float64 keeps the graph's constants exact
 */
function prepare(golden: Golden, precision: DType) {
  const { graph, inputs, results } = (built[golden.op] ?? buildOp)(golden, precision);
  const feeds: Record<string, NumberArray> = {};
  for (const { source, shape } of graph.inputs) {
    // running statistics, which these results do not depend on
    if (source.kind === 'input') feeds[source.name] = { shape, data: new Float64Array(sizeOf(shape)) };
  }
  inputs.forEach(({ source, shape }, i) => {
    if (source.kind === 'input') feeds[source.name] = { shape, data: Float64Array.from(golden.inputs[i]!.values) };
  });
  const terms = results.flatMap((result, i) => {
    const weights = golden.weights[i];
    if (!weights) return [];
    feeds[`weights${i}`] = { shape: result.shape, data: Float64Array.from(weights) };
    return [reduceSum(mul(graph.input(`weights${i}`, result), result))];
  });
  const expected: Record<string, Packed> = {};
  golden.results.forEach((result, i) => {
    graph.output(`y${i}`, results[i]!);
    expected[`y${i}`] = result;
  });
  if (terms.length > 0 && golden.gradients.some((gradient) => gradient !== null)) {
    const loss = terms.reduce((sum, term) => add(sum, term));
    differentiate(loss, inputs).forEach((gradient, i) => {
      expect(gradient === undefined).toBe(golden.gradients[i] === null);
      if (gradient === undefined) return;
      graph.output(`d${i}`, gradient);
      expected[`d${i}`] = { ...golden.inputs[i]!, values: golden.gradients[i]! };
    });
  }
  return { graph, feeds, expected };
}

describe.each([...new Set(cases.map(({ op }) => op))])('%s', (op) => {
  const own = cases.filter((golden) => golden.op === op);

  it.each(own)('$name: the reference agrees with PyTorch', (golden) => {
    const { graph, feeds, expected } = prepare(golden, 'float64');
    const results = interpret(graph, feeds);
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const data = Float64Array.from(values);
      expectClose({ ...results[name]!, dtype: 'float64' }, { dtype: 'float64', shape, data }, goldenTolerance, name);
    }
  });

  it.each(own)('$name: the runtime agrees with PyTorch', async (golden) => {
    const { graph, feeds, expected } = prepare(golden, 'float32');
    const results = await runGraph(runtime, graph, feeds);
    for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
      const data = Float64Array.from(values);
      expectClose(results[name]!, { dtype, shape, data }, float32Tolerance, name);
    }
  });
});

it('covers every op that PyTorch has and that has a gradient', () => {
  const covered = new Set(cases.map((golden) => golden.op));
  const missing = (Object.keys(ops) as OpName[]).filter((op) => typeof opOf(op).vjp !== 'string' && !covered.has(op));
  // PyTorch's pixel_shuffle orders channels otherwise; the others only name elements anew
  expect(missing).toEqual(['Cast', 'DepthToSpace', 'Identity', 'Reshape', 'SpaceToDepth', 'Squeeze', 'Unsqueeze']);
});
