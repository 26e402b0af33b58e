/** What holds of every op in the table. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { cast, reduceSum } from '../../src/ops/build.js';
import type { Case } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import { toNumbers } from '../../src/tensor/tensor.js';
import { caseGraph } from '../oracle/case-graph.js';

const casesOf = (op: OpName): readonly Case<never>[] => opOf(op).cases as readonly Case<never>[];

for (const op of Object.keys(ops) as OpName[]) {
  describe(op, () => {
    it('has at least 3 cases, each with a name of its own', () => {
      const names = casesOf(op).map(({ name }) => name);
      expect(names.length).toBeGreaterThanOrEqual(3);
      expect(new Set(names).size).toBe(names.length);
    });

    for (const example of casesOf(op)) {
      it(`${example.name}: its gradients have the types that their ops infer`, () => {
        const { graph, inputs, gradients: found } = caseGraph(op, example);
        verifyGraph(graph);
        found.forEach((gradient, i) => {
          if (gradient !== undefined)
            expect(gradient).toMatchObject({ shape: inputs[i]!.shape, dtype: inputs[i]!.dtype });
        });
      });
    }

    if (typeof ops[op].vjp !== 'string') return;
    it('has no gradient: says so, or its results carry none', () => {
      const reason = opOf(op).vjp as string;
      const { inputs, results, loss } = caseGraph(op, casesOf(op)[0]!);
      if (loss !== undefined) {
        expect(() => gradients(loss, inputs)).toThrow(
          `${op} has no gradient: ${reason}. It is on the way to the loss: ${op} → Mul → ReduceSum`,
        );
        return;
      }
      const { source } = gradients(reduceSum(cast(results[0]!, 'float32')), inputs)[0]!;
      expect(source.kind === 'constant' && toNumbers(source.tensor).every((value) => value === 0)).toBe(true);
    });
  });
}
