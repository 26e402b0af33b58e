import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.js';
import { add, apply, split } from './build.js';
import { interpret } from './interpret.js';
import { ops } from './table.js';

const numbers = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

describe('interpret', () => {
  it('computes every output, also several of one node, an input and a constant', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: 'float32', shape: [3] });
    const [head, tail] = split(x, [1, 2], 0);
    graph.output('tail', tail!);
    graph.output('sum', add(head!, 0.5));
    graph.output('x again', x);
    expect(interpret(graph, { x: numbers(1, 2, 3) })).toEqual({
      tail: numbers(2, 3),
      sum: numbers(1.5),
      'x again': numbers(1, 2, 3),
    });
  });

  it('does not round to the dtype', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: 'float32', shape: [1] });
    graph.output('y', add(x, x));
    expect(interpret(graph, { x: numbers(0.1) })['y']!.data[0]).toBe(0.2);
  });

  it('needs only what outputs need', () => {
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: 'float32', shape: [1] });
    const unused = graph.input('unused', { dtype: 'float32', shape: [1] });
    apply('Exp', [unused], {});
    graph.output('y', add(x, 1));
    expect(interpret(graph, { x: numbers(1) })['y']).toEqual(numbers(2));
  });

  it('names a feed that is missing or of another shape', () => {
    const graph = new Graph(ops);
    graph.output('y', add(graph.input('pixels', { dtype: 'float32', shape: [2] }), 1));
    expect(() => interpret(graph, {})).toThrow('the graph\'s input "pixels" is not fed');
    expect(() => interpret(graph, { pixels: numbers(1) })).toThrow('input "pixels" is [2], fed was [1]');
  });
});
