import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.js';
import { FashionCnn } from '../models/classifier.js';
import { nllLoss } from '../nn/loss.js';
import { add, matmul, mul, reduceSum, reshape, sub } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { adam, sgd } from '../optim/optimisers.js';
import type { Transform } from '../optim/transform.js';
import { writableInPlace } from './in-place.js';
import { buildStep, nextName } from './step-graph.js';

const square = { dtype: 'float32', shape: [2, 2] } as const;

describe('what may be written in place', () => {
  it('is read by what makes its next value, and before it, alone', () => {
    const graph = new Graph(ops);
    const [x, m, w, read, mixed] = ['x', 'm', 'w', 'read', 'mixed'].map((name) => graph.input(name, square));
    graph.output('m2', add(mul(m!, 0.9), x!));
    graph.output('w2', sub(w!, x!));
    // read again by what does not come before
    graph.output('read2', sub(read!, x!));
    graph.output('sum', reduceSum(read!));
    // a product reads all of it while it writes
    graph.output('mixed2', matmul(mixed!, x!));
    // through a view
    const viewed = graph.input('viewed', square);
    graph.output('row', reduceSum(reshape(viewed, [4])));
    graph.output('viewed2', sub(viewed, x!));
    const next = ['m', 'w', 'read', 'mixed', 'viewed'].map((name) => [name, `${name}2`] as const);
    expect([...writableInPlace(graph, new Map(next))]).toEqual(['m', 'w']);
  });

  it('is not what stays, nor what is given out as it was', () => {
    const graph = new Graph(ops);
    const [x, kept, same] = ['x', 'kept', 'same'].map((name) => graph.input(name, square));
    graph.output('kept2', sub(kept!, x!));
    graph.output('before', kept!);
    graph.output('same2', same!);
    expect([
      ...writableInPlace(
        graph,
        new Map([
          ['kept', 'kept2'],
          ['same', 'same2'],
        ]),
      ),
    ]).toEqual([]);
  });

  const inPlace = (optimiser: Transform): string[] => {
    const { graph, state } = buildStep({
      model: new FashionCnn(),
      inputs: { pixels: { dtype: 'float32', shape: [4, 1, 28, 28] }, labels: { dtype: 'int64', shape: [4] } },
      loss: (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels!, trace), labels!) }),
      optimiser,
    });
    return [...writableInPlace(graph, new Map(state.map((name) => [name, nextName(name)])))];
  };

  it('are all moments of Adam', () => {
    const found = inPlace(adam());
    expect(found.filter((name) => name.startsWith('adam/sum/'))).toHaveLength(10);
    expect(found.filter((name) => name.startsWith('adam/squares/'))).toHaveLength(10);
  });

  it('are no weights that the gradient of what comes before reads', () => {
    expect(inPlace(sgd())).not.toContain('fc2.weight');
  });
});
