import { attributesKey } from '../graph/attributes-key.js';
import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { sizeOf } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Computes the same thing once: nodes with equal op, attributes and inputs become one, as do equal small constants. */
export function dedupe(graph: Graph): Graph {
  const seen = new Map<string, readonly Value[]>();
  const constants = new Map<string, number>();
  const identify = (value: Value): number => {
    if (value.source.kind !== 'constant' || sizeOf(value.shape) > 64) return value.id;
    const key = `${value.dtype}[${value.shape}]${bytesOf(value.source.tensor)}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    constants.set(key, value.id);
    return value.id;
  };
  return rewriteGraph(graph, (node, inputs, target) => {
    const key = `${node.op}(${inputs.map(identify)})${attributesKey(node.attributes)}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const outputs = target.apply(node.op, inputs, node.attributes);
    seen.set(key, outputs);
    return outputs;
  });
}

/** Numbers that are equal may have other bits (0 and -0), and int64 beyond 2^53 are equal as doubles. */
const bytesOf = ({ data }: Tensor): string => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join();
