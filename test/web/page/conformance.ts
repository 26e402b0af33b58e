/** Every op in all its cases, results and gradients, against the reference. */
import { interpret } from '../../../src/ops/interpret.js';
import type { Case } from '../../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../../src/ops/table.js';
import type { Runtime } from '../../../src/runtime/session.js';
import { caseGraph } from '../../oracle/case-graph.js';
import { differenceOf, float32Tolerance, type Tolerance } from '../../oracle/closeness.js';
import { runGraph } from '../../oracle/run-graph.js';

/** WebGPU's language allows its sines and cosines an absolute error of 2^-11 (WGSL, accuracy of built-in functions); sums of some are compared. */
const trigonometricTolerance: Tolerance = { relative: 0, absolute: 2 ** -9 };
const trigonometric: readonly OpName[] = ['Cos', 'Sin'];

/** How a runtime does at an op. */
export interface Conformance {
  readonly op: OpName;
  readonly cases: number;
  /** Of cases that differ from the reference, or that the runtime refuses. */
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

export async function conform(runtime: Runtime): Promise<Conformance[]> {
  const found: Conformance[] = [];
  for (const op of Object.keys(ops) as OpName[]) {
    const cases = opOf(op).cases as readonly Case<never>[];
    const failures: { name: string; message: string }[] = [];
    for (const example of cases) {
      const message = await failureOf(runtime, op, example);
      if (message !== undefined) failures.push({ name: example.name, message });
    }
    found.push({ op, cases: cases.length, failures });
  }
  return found;
}

async function failureOf(runtime: Runtime, op: OpName, example: Case<never>): Promise<string | undefined> {
  const { graph, feeds } = caseGraph(op, example);
  const expected = interpret(graph, feeds);
  const isCoarse = runtime.device === 'webgpu' && trigonometric.includes(op);
  const tolerance = isCoarse ? trigonometricTolerance : float32Tolerance;
  try {
    const computed = await runGraph(runtime, graph, feeds);
    for (const [name, { dtype }] of graph.outputs) {
      const difference = differenceOf(computed[name]!, { dtype, ...expected[name]! }, tolerance);
      if (difference !== undefined) return `${name}: ${difference}`;
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
