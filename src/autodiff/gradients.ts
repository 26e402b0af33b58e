import { LegendaError } from '../errors.js';
import type { Node, Value } from '../graph/graph.js';
import { add, constant } from '../ops/build.js';
import type { Call } from '../ops/op.js';
import { opOf } from '../ops/table.js';
import { isFloat } from '../tensor/dtype.js';
import { formatType, scalar, zeros } from '../tensor/tensor.js';

/**
 * Builds, in the same graph, the gradient of a scalar in each of some values: reverse-mode differentiation, one walk from
 * the last node to the first, without recursion. The results can be differentiated again.
 *
 * @param loss a float scalar
 * @param wrt values the loss is differentiated in
 * @param seed the cotangent of the loss, 1 when left out; all gradients are multiplied by it
 * @returns a value of the shape of each of `wrt`: zeros where the loss does not depend on it
 * @throws LegendaError when an op on the way has no gradient, naming it and the way from it to the loss
 */
export function gradients(loss: Value, wrt: readonly Value[], seed?: Value): Value[] {
  if (loss.shape.length !== 0 || !isFloat(loss.dtype)) {
    throw new LegendaError(`only a float scalar can be differentiated, the loss is ${formatType(loss)}`);
  }
  const { graph } = loss;
  const nodes = [...graph.nodes];
  const varying = dependents(nodes, wrt);
  const cotangents = new Map<Value, Value>();
  const givers = new Map<Value, Node>();
  const accumulate = (value: Value, cotangent: Value, giver: Node): void => {
    const known = cotangents.get(value);
    if (known === undefined) givers.set(value, giver);
    cotangents.set(value, known === undefined ? cotangent : add(known, cotangent));
  };
  if (varying.has(loss)) cotangents.set(loss, seed ?? graph.constant(scalar(1, loss.dtype)));

  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!node.outputs.some((output) => cotangents.has(output)) || !node.inputs.some((input) => varying.has(input)))
      continue;
    const { vjp } = opOf(node.op);
    if (typeof vjp === 'string') {
      throw new LegendaError(
        `${label(node)} has no gradient: ${vjp}. It is on the way to the loss: ${way(node, loss, givers)}`,
      );
    }
    graph.scoped(
      node.scope,
      () => {
        const given = node.outputs.map((output) => cotangents.get(output) ?? constant(output, zeros(output)));
        const rules = vjp(node as Call<Node['attributes']>, ...given);
        node.inputs.forEach((input, index) => {
          const rule = rules[index];
          if (rule !== undefined && varying.has(input)) accumulate(input, rule(), node);
        });
      },
      true,
    );
  }
  return wrt.map((value) => cotangents.get(value) ?? constant(value, zeros(value)));
}

/** The float values that change when one of `roots` does. */
function dependents(nodes: readonly Node[], roots: readonly Value[]): Set<Value> {
  const varying = new Set<Value>(roots);
  for (const node of nodes) {
    if (!node.inputs.some((input) => varying.has(input))) continue;
    for (const output of node.outputs) if (isFloat(output.dtype)) varying.add(output);
  }
  return varying;
}

const label = ({ op, scope }: Node): string => (scope === '' ? op : `${op} "${scope}"`);

/** The ops between a node and the loss, for an error message. @param givers a node that gave each value its cotangent */
function way(from: Node, loss: Value, givers: ReadonlyMap<Value, Node>): string {
  const steps: string[] = [];
  for (let node: Node | undefined = from; node !== undefined; ) {
    steps.push(label(node));
    if (node.outputs.includes(loss)) return steps.join(' → ');
    if (steps.length === 8) return `${steps.join(' → ')} → … → loss`;
    const reached: Value | undefined = node.outputs.find((output) => givers.has(output));
    node = reached && givers.get(reached);
  }
  return steps.join(' → ');
}
