import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { mul, sub } from '../ops/build.js';
import { sameShape } from '../tensor/shape.js';
import { isNumber, nodeOf } from './readers.js';

/**
 * Gradients of gates from products that the way forward has. Where s opens for x, as s·x, the gradient (d·x)·(s·(1 - s)) of a sigmoid s
 * is (d·(s·x))·(1 - s), and (d·s)·(1 - x·x) of a tanh x is d·(s - (s·x)·x): a multiplication less each. A step of an LSTM has
 * five of them.
 */
export function reuseProducts(graph: Graph): Graph {
  const products = new Map<string, Value>();
  const keyOf = (a: Value, b: Value): string => (a.id < b.id ? `${a.id} ${b.id}` : `${b.id} ${a.id}`);
  return rewriteGraph(graph, ({ op, inputs, outputs: [output] }, _inputs, _target, map) => {
    if (op !== 'Mul') return undefined;
    const [a, b] = inputs as [Value, Value];
    products.set(keyOf(a, b), output!);
    const arriving = nodeOf(a, 'Mul')?.inputs;
    if (arriving === undefined) return undefined;
    const slope = sigmoidSlope(b) ?? tanhSlope(b);
    if (slope === undefined) return undefined;
    for (const [d, other] of [arriving, [...arriving].reverse()] as (readonly [Value, Value])[]) {
      const product = products.get(keyOf(slope.of, other));
      if (product === undefined || ![d, other, slope.of].every(({ shape }) => sameShape(shape, output!.shape)))
        continue;
      if (slope.rest !== undefined) return [mul(mul(map(d), map(product)), map(slope.rest))];
      return [mul(map(d), sub(map(other), mul(map(product), map(slope.of))))];
    }
    return undefined;
  });
}

interface Slope {
  readonly of: Value;
  /** Of a sigmoid, 1 - y. */
  readonly rest?: Value;
}

/** y·(1 - y) */
function sigmoidSlope(value: Value): Slope | undefined {
  const [y, rest] = nodeOf(value, 'Mul')?.inputs ?? [];
  const [one, same] = (rest && nodeOf(rest, 'Sub')?.inputs) ?? [];
  return one !== undefined && isNumber(one, 1) && same === y ? { of: y!, rest: rest! } : undefined;
}

/** 1 - y·y */
function tanhSlope(value: Value): Slope | undefined {
  const [one, square] = nodeOf(value, 'Sub')?.inputs ?? [];
  const [y, same] = (square && nodeOf(square, 'Mul')?.inputs) ?? [];
  return one !== undefined && isNumber(one, 1) && y !== undefined && y === same ? { of: y } : undefined;
}
