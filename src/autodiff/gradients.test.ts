import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.js';
import { argMax, cast, exp, mul, neg, reduceSum, relu, sign, tanh } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { gradients } from './gradients.js';

const float = { dtype: 'float32', shape: [3] } as const;

describe('the error for an op without a gradient', () => {
  it('names the way from the op to the loss, past uses that do not lead there', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', float);
    const signs = graph.scoped('layer', () => sign(x));
    exp(exp(signs));
    const positions = argMax(signs);
    const loss = reduceSum(mul(tanh(signs), cast(positions, 'float32')));
    relu(signs);
    expect(() => gradients(loss, [x])).toThrow(
      /^Sign "layer" has no gradient: .*\. It is on the way to the loss: Sign "layer" → Tanh → Mul → ReduceSum$/,
    );
  });

  it('is short where the way is long', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', float);
    let y = sign(x);
    for (let i = 0; i < 20; i++) y = neg(y);
    expect(() => gradients(reduceSum(y), [x])).toThrow(/: Sign( → Neg){7} → … → loss$/);
  });

  it('does not come where the op is beside the way', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', float);
    sign(x);
    const [gradient] = gradients(reduceSum(mul(x, sign(graph.input('y', float)))), [x]);
    expect(gradient!.shape).toEqual([3]);
  });
});

it('takes only a float scalar as the loss', () => {
  const graph = new Graph(ops);
  const x = graph.input('x', float);
  expect(() => gradients(x, [x])).toThrow('only a float scalar can be differentiated, the loss is float32[3]');
  expect(() => gradients(reduceSum(cast(x, 'int64')), [x])).toThrow('the loss is int64[]');
});

it('gives zeros in what the loss does not depend on', () => {
  const graph = new Graph(ops);
  const x = graph.input('x', float);
  const y = graph.input('y', { dtype: 'float32', shape: [2, 2] });
  const [, gradient] = gradients(reduceSum(x), [x, y]);
  expect(gradient!.source).toMatchObject({ kind: 'constant', tensor: { shape: [2, 2], data: new Float32Array(4) } });
});
