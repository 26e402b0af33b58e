import { expect, it } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { Graph } from '../graph/graph.js';
import { tensor } from '../tensor/tensor.js';
import { gather, reduceSum } from './build.js';
import { ops } from './table.js';

const opsOfGradient = (rows: number, indices: Int32Array): string[] => {
  const graph = new Graph(ops);
  const x = graph.input('x', { dtype: 'float32', shape: [rows, 1] });
  const taken = gather(x, graph.constant(tensor('int32', [indices.length], indices)));
  gradients(reduceSum(taken), [x]);
  return graph.nodes.map(({ op }) => op);
};

it('scatters nothing when the indices are known, also in a matrix of many rows', () => {
  const rows = 300_000;
  expect(
    opsOfGradient(
      rows,
      Int32Array.from({ length: rows }, (_, i) => rows - 1 - i),
    ),
  ).not.toContain('ScatterND');
});

it('scatters when few rows are used often: the table would be sparse', () => {
  expect(opsOfGradient(1000, new Int32Array(500))).toContain('ScatterND');
});
