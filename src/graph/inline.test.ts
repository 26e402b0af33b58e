import { describe, expect, it } from 'vitest';
import { add, conv, mul, reduceSum, relu } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { tensor } from '../tensor/tensor.js';
import { Graph } from './graph.js';
import { inlineGraph } from './inline.js';
import { printGraph } from './print.js';
import { verifyGraph } from './verify.js';

const attributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };

function encoder(): Graph {
  const graph = new Graph(ops);
  const x = graph.input('x', { dtype: 'float32', shape: [1, 2, 4, 4] });
  const w = graph.input('w', { dtype: 'float32', shape: [3, 2, 3, 3] });
  graph.input('unused', { dtype: 'int64', shape: [1] });
  const features = graph.scoped('conv1', () => relu(conv(x, w, undefined, attributes)));
  graph.scoped('left.out', () => reduceSum(features));
  graph.output('features', add(features, graph.constant(tensor('float32', [3, 1, 1], [1, 2, 3]))));
  graph.output('given', x);
  return graph;
}

describe('inlineGraph', () => {
  it('copies what the outputs need, below a scope, and leaves the source as it was', () => {
    const source = encoder();
    const before = printGraph(source);
    const target = new Graph(ops);
    const pixels = target.input('pixels', { dtype: 'float32', shape: [1, 2, 4, 4] });
    const weight = target.input('encoder.w', { dtype: 'float32', shape: [3, 2, 3, 3] });
    const scaled = mul(pixels, 2);
    const outputs = inlineGraph(
      source,
      target,
      new Map([
        ['x', scaled],
        ['w', weight],
      ]),
      'encoder',
    );
    target.output('sum', reduceSum(outputs.get('features')!));
    expect(outputs.get('given')).toBe(scaled);
    expect(printGraph(target)).toBe(
      [
        'input pixels: float32[1,2,4,4]',
        'input encoder.w: float32[3,2,3,3]',
        '%0: float32[1,2,4,4] = Mul(pixels, const:float32[]{2})',
        '%1: float32[1,3,2,2] = Conv(%0, encoder.w) dilations=[1,1] group=1 pads=[0,0,0,0] strides=[1,1] @encoder.conv1',
        '%2: float32[1,3,2,2] = Relu(%1) @encoder.conv1',
        '%3: float32[1,3,2,2] = Add(%2, const:float32[3,1,1]{1,2,3}) @encoder',
        '%4: float32[] = ReduceSum(%3) keepdims=false',
        'output sum = %4',
        '',
      ].join('\n'),
    );
    verifyGraph(target);
    expect(printGraph(source)).toBe(before);
  });

  it('can put the same graph into a target twice', () => {
    const source = encoder();
    const target = new Graph(ops);
    const x = target.input('x', { dtype: 'float32', shape: [1, 2, 4, 4] });
    const w = target.input('w', { dtype: 'float32', shape: [3, 2, 3, 3] });
    const bindings = new Map([
      ['x', x],
      ['w', w],
    ]);
    const [a, b] = ['left', 'right'].map((scope) => inlineGraph(source, target, bindings, scope).get('features')!);
    expect(a).not.toBe(b);
    expect(target.nodes.map(({ scope }) => scope)).toEqual([
      'left.conv1',
      'left.conv1',
      'left',
      'right.conv1',
      'right.conv1',
      'right',
    ]);
  });

  it('copies a long chain without recursion', () => {
    const source = new Graph(ops);
    let value = source.input('x', { dtype: 'float32', shape: [1] });
    for (let i = 0; i < 20_000; i++) value = relu(value);
    source.output('y', value);
    const target = new Graph(ops);
    const x = target.input('x', { dtype: 'float32', shape: [1] });
    inlineGraph(source, target, new Map([['x', x]]), '');
    expect(target.nodes).toHaveLength(20_000);
  });

  it.each([
    ['a missing binding', ['x'], 'input "w" of the graph to inline has no binding'],
    ['a binding of another shape', ['x', 'w:2,2'], 'input "w" is float32[3,2,3,3], its binding float32[2,2]'],
    ['a binding of nothing', ['x', 'w', 'q'], 'the graph to inline has no input "q", only x, w, unused'],
  ])('refuses %s', (_, bound, message) => {
    const target = new Graph(ops);
    const bindings = new Map(
      bound.map((entry) => {
        const [name, shape] = entry.split(':') as [string, string?];
        const sizes = shape?.split(',').map(Number) ?? (name === 'w' ? [3, 2, 3, 3] : [1, 2, 4, 4]);
        return [name, target.input(name, { dtype: 'float32', shape: sizes })];
      }),
    );
    expect(() => inlineGraph(encoder(), target, bindings, '')).toThrow(message);
  });

  it('refuses another dtype, and a value of another graph', () => {
    const target = new Graph(ops);
    const wrong = target.input('x', { dtype: 'int32', shape: [1, 2, 4, 4] });
    expect(() => inlineGraph(encoder(), target, new Map([['x', wrong]]), '')).toThrow(
      'input "x" is float32[1,2,4,4], its binding int32[1,2,4,4]',
    );
    const elsewhere = new Graph(ops).input('x', { dtype: 'float32', shape: [1, 2, 4, 4] });
    expect(() => inlineGraph(encoder(), target, new Map([['x', elsewhere]]), '')).toThrow(
      'the binding of "x" is no value of the target graph',
    );
  });
});
