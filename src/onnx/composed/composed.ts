import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import { computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';

/** An op of one result that is written as a few of ours; `x` is its first input. */
export const composed =
  (build: (x: Value, node: NodeSource) => Value): Importer =>
  (node) => [computed(build(node.bound(0).value(), node))];

/** Numbers that an op of a file may make a constant of. */
const mostNumbers = 2 ** 24;

/** @throws LegendaError when a constant that a file asks for would take much memory */
export function checkConstant(size: number, what: string): void {
  if (size > mostNumbers)
    throw new LegendaError(`${what} would have ${size} numbers, at most ${mostNumbers} are supported`);
}

/** An input that may be left out. */
export const optional = (node: NodeSource, index: number): Value | undefined =>
  node.inputs[index] === undefined ? undefined : node.bound(index).value();
