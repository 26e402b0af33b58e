import type { Value } from '../../graph/graph.js';
import { computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';

/** An op of one result that is written as a few of ours; `x` is its first input. */
export const composed =
  (build: (x: Value, node: NodeSource) => Value): Importer =>
  (node) => [computed(build(node.bound(0).value(), node))];

/** An input that may be left out. */
export const optional = (node: NodeSource, index: number): Value | undefined =>
  node.inputs[index] === undefined ? undefined : node.bound(index).value();
