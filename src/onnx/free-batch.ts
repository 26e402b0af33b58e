import { LegendaError } from '../errors.js';
import { attributesKey } from '../graph/attributes-key.js';
import type { Attributes, Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import type { Shape } from '../tensor/shape.js';
import { sameShape } from '../tensor/shape.js';

/**
 * A graph that computes the same for a batch of any size, from the same graph built for two sizes: shapes that it is told
 * (of Reshape and Expand) say "what is left" or "as it is" in place of the batch.
 *
 * @param one the graph for one size
 * @param other the same for another
 * @throws LegendaError naming the first node that depends on the size in another way
 */
export function freeBatch(one: Graph, other: Graph): Graph {
  const counterparts = new Map<Node, Node>();
  one.nodes.forEach((node, i) => {
    const counterpart = other.nodes[i];
    if (counterpart?.op !== node.op || one.nodes.length !== other.nodes.length) throw dependent(node);
    counterparts.set(node, counterpart);
  });
  return rewriteGraph(one, (node, inputs, target) => {
    const counterpart = counterparts.get(node)!;
    if (!node.inputs.every((input, i) => sameConstant(input, counterpart.inputs[i]!))) throw dependent(node);
    if (sameAttributes(node.attributes, counterpart.attributes)) return undefined;
    const shape = freeShape(node, counterpart);
    if (shape === undefined) throw dependent(node);
    return target.apply(node.op, inputs, { ...node.attributes, shape });
  });
}

/** The told shape without the batch; undefined where there is no way to say it. */
function freeShape(node: Node, counterpart: Node): Shape | undefined {
  const { shape, ...attributes } = node.attributes;
  const { shape: otherShape, ...otherAttributes } = counterpart.attributes;
  if (!sameAttributes(attributes, otherAttributes)) return undefined;
  const told = shape as Shape;
  const varying = told.flatMap((size, axis) => (size === (otherShape as Shape)[axis] ? [] : [axis]));
  const from = node.inputs[0]!.shape;
  if (node.op === 'Reshape' && varying.length === 1) return told.with(varying[0]!, -1);
  // an axis that the input has in this size already is not repeated
  const kept = varying.every((axis) => from[axis - told.length + from.length] === told[axis]);
  return node.op === 'Expand' && kept ? told.map((size, axis) => (varying.includes(axis) ? 1 : size)) : undefined;
}

function sameConstant({ source }: Value, { source: other }: Value): boolean {
  if (source.kind !== 'constant' || other.kind !== 'constant') return source.kind === other.kind;
  const { tensor } = source;
  return (
    tensor === other.tensor ||
    (tensor.dtype === other.tensor.dtype &&
      sameShape(tensor.shape, other.tensor.shape) &&
      tensor.data.every((value, i) => Object.is(value, other.tensor.data[i])))
  );
}

const sameAttributes = (a: Attributes, b: Attributes): boolean => attributesKey(a) === attributesKey(b);

const dependent = ({ op, scope }: Node): LegendaError =>
  new LegendaError(
    `${op}${scope === '' ? '' : ` "${scope}"`} depends on the batch size: the model cannot be exported with a free one`,
  );
