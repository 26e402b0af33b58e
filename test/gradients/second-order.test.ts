/** Gradients are graphs like any other: differentiated again they must agree with differences of the first gradient. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import type { Value } from '../../src/graph/graph.js';
import { add, mul, reduceSum } from '../../src/ops/build.js';
import { interpret } from '../../src/ops/interpret.js';
import type { Case, NumberArray } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import { stream } from '../../src/tensor/random.js';
import { caseGraph } from '../oracle/case-graph.js';
import { finiteDifferences } from '../oracle/differences.js';
import { drawUniform } from '../oracle/draw.js';
import { expectClose } from '../oracle/expect-close.js';

const tolerance = { relative: 1e-5, absolute: 1e-6 };

/** Ops whose gradient uses an op that has none. */
const onceOnly: Partial<Record<OpName, string>> = { Abs: 'Sign has no gradient' };

for (const op of Object.keys(ops) as OpName[]) {
  if (typeof ops[op].vjp === 'string') continue;
  const reason = onceOnly[op];
  describe(op, () => {
    for (const example of opOf(op).cases as readonly Case<never>[]) {
      if (example.atKink === true) continue;
      const first = caseGraph(op, example, 'float64');
      const { graph, feeds } = first;
      const random = stream(3, op, example.name);
      const terms = first.gradients.flatMap((gradient, i) => {
        if (gradient === undefined) return [];
        const name = `u${i}`;
        const weights = graph.input(name, gradient);
        Object.assign(feeds, { [name]: drawUniform(random, gradient.shape) });
        return [reduceSum(mul(weights, gradient))];
      });
      if (terms.length === 0) continue;
      const again = terms.reduce((sum, term) => add(sum, term));
      graph.output('again', again);
      const wrt = new Map<string, Value>();
      first.inputs.forEach((input, i) => {
        if (first.gradients[i] !== undefined) wrt.set(`x${i}`, input);
      });
      for (const input of graph.inputs) {
        if (input.source.kind === 'input' && input.source.name.startsWith('w')) wrt.set(input.source.name, input);
      }

      if (reason !== undefined) {
        it(`${example.name}: ${reason}`, () => expect(() => gradients(again, [...wrt.values()])).toThrow(reason));
        continue;
      }
      it(example.name, () => {
        // before the second gradients are appended, which would be computed at every step too
        const expected = [...wrt.keys()].map((name) => {
          const sum = (x: NumberArray): number => interpret(graph, { ...feeds, [name]: x })['again']!.data[0]!;
          return finiteDifferences(sum, feeds[name]!);
        });
        gradients(again, [...wrt.values()]).forEach((value, i) => {
          graph.output(`second${i}`, value);
        });
        const second = interpret(graph, feeds);
        [...wrt.keys()].forEach((name, i) => {
          const { shape, data } = second[`second${i}`]!;
          expectClose(
            { dtype: 'float64', shape, data },
            { dtype: 'float64', shape, data: expected[i]! },
            tolerance,
            name,
          );
        });
      });
    }
  });
}
