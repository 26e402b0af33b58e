/** Made from the op table: every op's forward and gradients, in every one of its cases, against independent references. */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../src/ops/interpret.js';
import type { Case, NumberArray } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import type { DType } from '../../src/tensor/dtype.js';
import { caseGraph } from '../oracle/case-graph.js';
import { finiteDifferences } from '../oracle/differences.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { runGraph } from '../oracle/run-graph.js';

const runtime = nodeRuntime({ threads: 1 });
/** ONNX's attributes are in single precision: an epsilon of 1e-2 is off by 2e-10. */
const float64Tolerance = { relative: 1e-9, absolute: 1e-9 };
/** Differences with a step of 1e-5 of functions and derivatives up to some tens. */
const differenceTolerance = { relative: 1e-6, absolute: 1e-7 };

/** ONNX Runtime 1.30 has no double-precision kernels of these for the CPU. */
const singleOnly: readonly OpName[] = ['AveragePool', 'Conv', 'ConvTranspose', 'Erf', 'GlobalAveragePool', 'Resize'];

/** Results and gradients on the runtime are the reference's. */
async function runtimeAgrees(op: OpName, example: Case<never>, precision: DType): Promise<void> {
  const { graph, feeds } = caseGraph(op, example, precision);
  const expected = interpret(graph, feeds);
  const computed = await runGraph(runtime, graph, feeds);
  for (const [name, { dtype }] of graph.outputs) {
    const tolerance = dtype === 'float64' ? float64Tolerance : float32Tolerance;
    expectClose(computed[name]!, { dtype, ...expected[name]! }, tolerance, name);
  }
}

for (const op of Object.keys(ops) as OpName[]) {
  describe(op, () => {
    for (const example of opOf(op).cases as readonly Case<never>[]) {
      it(`${example.name}: the runtime agrees with the reference`, () => runtimeAgrees(op, example, 'float32'));

      it(`${example.name}: the runtime agrees in double precision${singleOnly.includes(op) ? ', which it refuses' : ''}`, async () => {
        const agreement = runtimeAgrees(op, example, 'float64');
        if (singleOnly.includes(op)) await expect(agreement).rejects.toThrow('Could not find an implementation');
        else await agreement;
      });

      if (typeof ops[op].vjp === 'string' || example.atKink === true) continue;
      const { graph, feeds, gradients } = caseGraph(op, example, 'float64');
      gradients.forEach((gradient, i) => {
        if (gradient === undefined) return;
        it(`${example.name}: the gradient in input ${i} is that of finite differences`, () => {
          const loss = (x: NumberArray): number => interpret(graph, { ...feeds, [`x${i}`]: x })['loss']!.data[0]!;
          const expected = finiteDifferences(loss, feeds[`x${i}`]!);
          expectClose(
            { dtype: 'float64', ...interpret(graph, feeds)[`d${i}`]! },
            { dtype: 'float64', shape: gradient.shape, data: expected },
            differenceTolerance,
          );
        });
      });
    }
  });
}
