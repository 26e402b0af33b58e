import { expect, test } from 'vitest';
import { grownCounts, grownRatios } from './baseline.js';

const before = { 'a, batch 1': { flop: 1000, nodes: 100, byOp: { Gemm: 40, Mul: 60, Relu: 1 } } };
const grown = (changes: object) =>
  grownCounts(before, { 'a, batch 1': { ...before['a, batch 1'], ...changes } as (typeof before)['a, batch 1'] });

test('counts may grow by 15 %, and fall', () => {
  expect(grown({ flop: 1150, nodes: 115, byOp: { Gemm: 46, Mul: 69 } })).toEqual([]);
  expect(grown({ flop: 10, nodes: 1, byOp: { Gemm: 1 } })).toEqual([]);
  expect(grown({ flop: 1151 })).toEqual(['a, batch 1: 1151 floating-point operations, 1000 in the baseline']);
  expect(grown({ nodes: 116, byOp: { Gemm: 47, Mul: 69 } })).toEqual([
    'a, batch 1: 116 nodes, 100 in the baseline',
    'a, batch 1: 47 nodes Gemm, 40 in the baseline',
  ]);
});

test('a few nodes of a rare op are no growth', () => {
  expect(grown({ byOp: { Relu: 5, Where: 4 } })).toEqual([]);
  expect(grown({ byOp: { Relu: 6, Where: 5 } })).toEqual([
    'a, batch 1: 6 nodes Relu, 1 in the baseline',
    'a, batch 1: 5 nodes Where, 0 in the baseline',
  ]);
});

test('a graph that the baseline lacks is named', () => {
  expect(grownCounts({}, before)).toEqual(['a, batch 1: not in the baseline']);
});

test('ratios may grow by a quarter', () => {
  expect(grownRatios({ a: 0.6, b: 0.8 }, { a: 0.74, b: 0.1, c: 9 })).toEqual([]);
  expect(grownRatios({ a: 0.6 }, { a: 0.76 })).toEqual(["a: 0.76 of PyTorch's time, 0.60 in the baseline"]);
});
