import { LegendaError } from '../errors.js';
import { sameShape } from '../tensor/shape.js';
import { formatType } from '../tensor/tensor.js';
import { type Graph, inputName, type Value } from './graph.js';
import { neededNodes } from './rewrite.js';

/**
 * Copies a graph's nodes into another graph, where they compute the same from other values: how an imported encoder
 * becomes a part of a training graph. Only what the source's outputs need is copied.
 *
 * @param bindings for every source input that is needed, by name, a value of the target of the same type
 * @param scope layer path that goes in front of the nodes' own, inside the target's current one; may be empty
 * @returns the target's value for each output of the source
 * @throws LegendaError when an input has no binding or one of another type, or a binding no input
 */
export function inlineGraph(
  source: Graph,
  target: Graph,
  bindings: ReadonlyMap<string, Value>,
  scope: string,
): Map<string, Value> {
  const inputs = new Map(source.inputs.map((input) => [inputName(input), input]));
  for (const [name, bound] of bindings) {
    const input = inputs.get(name);
    if (input === undefined) {
      throw new LegendaError(`the graph to inline has no input "${name}", only ${[...inputs.keys()].join(', ')}`);
    }
    if (bound.graph !== target) throw new LegendaError(`the binding of "${name}" is no value of the target graph`);
    if (bound.dtype !== input.dtype || !sameShape(bound.shape, input.shape)) {
      throw new LegendaError(`input "${name}" is ${formatType(input)}, its binding ${formatType(bound)}`);
    }
  }
  const mapped = new Map<Value, Value>();
  const map = (value: Value): Value => {
    const known = mapped.get(value);
    if (known !== undefined) return known;
    const copy = enter(value, target, bindings);
    mapped.set(value, copy);
    return copy;
  };
  const needed = neededNodes(source);
  for (const node of source.nodes) {
    if (!needed.has(node)) continue;
    const given = node.inputs.map(map);
    const outputs = target.scoped(scope, () =>
      target.scoped(node.scope, () => target.apply(node.op, given, node.attributes)),
    );
    node.outputs.forEach((output, index) => {
      mapped.set(output, outputs[index]!);
    });
  }
  return new Map([...source.outputs].map(([name, value]) => [name, map(value)]));
}

/** What the target has for a value that no node computes. */
function enter({ source }: Value, target: Graph, bindings: ReadonlyMap<string, Value>): Value {
  if (source.kind === 'constant') return target.constant(source.tensor);
  if (source.kind === 'node') throw new Error('a value was used before it was mapped');
  const bound = bindings.get(source.name);
  if (bound === undefined) throw new LegendaError(`input "${source.name}" of the graph to inline has no binding`);
  return bound;
}
