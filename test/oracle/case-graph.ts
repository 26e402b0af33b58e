import { gradients as gradientsIn } from '../../src/autodiff/gradients.js';
import { Graph, type Value } from '../../src/graph/graph.js';
import { add, mul, reduceSum } from '../../src/ops/build.js';
import type { Case, NumberArray } from '../../src/ops/op.js';
import { type OpName, ops } from '../../src/ops/table.js';
import { type DType, isFloat } from '../../src/tensor/dtype.js';
import { stream } from '../../src/tensor/random.js';
import { tensor } from '../../src/tensor/tensor.js';
import { drawCase, drawUniform } from './draw.js';

/** An op's case as a graph, and its inputs' values. */
export interface ForwardCase {
  readonly graph: Graph;
  /** `x0`, `x1`, … are the op's inputs, `w0`, `w1`, … the weights of its results. */
  readonly feeds: Readonly<Record<string, NumberArray>>;
  readonly inputs: readonly Value[];
  /** The op's results: outputs `y0`, `y1`, … */
  readonly results: readonly Value[];
  /** Σ weights ∘ results: output `loss`; undefined when no result is a float. */
  readonly loss: Value | undefined;
}

export interface CaseGraph extends ForwardCase {
  /** Of the loss in each float input: outputs `d0`, …; undefined when the input is none, or the op has no gradient. */
  readonly gradients: readonly (Value | undefined)[];
}

/** @param precision the dtype of the case's single-precision inputs; float64 keeps the graph's constants exact */
export function forwardCase(op: OpName, example: Case<never>, precision: DType = 'float32'): ForwardCase {
  const graph = new Graph(ops);
  const drawn = drawCase(op, example);
  const feeds: Record<string, NumberArray> = {};
  const inputs = example.inputs.map(({ shape, dtype = 'float32', constant = false }, i) => {
    const type = { shape, dtype: dtype === 'float32' ? precision : dtype };
    if (constant) return graph.constant(tensor(type.dtype, shape, [...drawn[i]!.data]));
    feeds[`x${i}`] = drawn[i]!;
    return graph.input(`x${i}`, type);
  });
  const results = graph.apply(op, inputs, example.attributes);
  results.forEach((result, i) => {
    graph.output(`y${i}`, result);
  });
  const random = stream(2, op, example.name);
  const terms = results.flatMap((result, i) => {
    if (!isFloat(result.dtype)) return [];
    feeds[`w${i}`] = drawUniform(random, result.shape);
    return [reduceSum(mul(graph.input(`w${i}`, result), result))];
  });
  const loss = terms.length === 0 ? undefined : terms.reduce((sum, term) => add(sum, term));
  if (loss !== undefined) graph.output('loss', loss);
  return { graph, feeds, inputs, results, loss };
}

/** The case with the gradients of its loss. */
export function caseGraph(op: OpName, example: Case<never>, precision: DType = 'float32'): CaseGraph {
  const forward = forwardCase(op, example, precision);
  const { graph, inputs, loss } = forward;
  const gradients =
    loss === undefined || typeof ops[op].vjp === 'string' ? inputs.map(() => undefined) : differentiate(loss, inputs);
  gradients.forEach((gradient, i) => {
    if (gradient !== undefined) graph.output(`d${i}`, gradient);
  });
  return { ...forward, gradients };
}

/** Gradients in the floats among `wrt` that are not constants. */
export function differentiate(loss: Value, wrt: readonly Value[]): (Value | undefined)[] {
  const floats = wrt.filter(({ dtype, source }) => isFloat(dtype) && source.kind !== 'constant');
  const found = gradientsIn(loss, floats);
  return wrt.map((value) => (floats.includes(value) ? found[floats.indexOf(value)] : undefined));
}
