import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { add, concat, gemm } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sumsOf } from './sums.js';

/**
 * Σ AᵢᵀBᵢ, the weight gradient of a layer that is used at every step of a sequence, as one product of the Aᵢ and the Bᵢ put
 * below each other: each product alone has few rows to sum over, and writes, reads and adds a matrix of the weights' size.
 * Left as it is where putting together would move more than adding does.
 */
export function batchWeightGradients(graph: Graph): Graph {
  const sums = sumsOf(graph);
  return rewriteGraph(graph, (node, _inputs, _target, map) => {
    const terms = sums.get(node) ?? [];
    const products = terms.filter(isProduct);
    if (!areWorthIt(products)) return undefined;
    const others = terms.filter((term) => !isProduct(term));
    // the first step's is added last: in the order of the steps, in which other parts of the gradient are put together too
    const sources = products.map(({ source }) => source.node);
    const side = (index: 0 | 1): Value =>
      concat(
        sources.map(({ inputs }) => map(inputs[index]!)),
        0,
      );
    const { alpha } = sources[0]!.attributes as GemmAttributes;
    const product = gemm(side(0), side(1), undefined, { alpha, transA: true });
    return [others.map(map).reduce(add, product)];
  });
}

type Product = Value & { readonly source: { readonly kind: 'node'; readonly node: Node } };

function isProduct(value: Value): value is Product {
  if (value.source.kind !== 'node' || value.source.node.op !== 'Gemm') return false;
  const { inputs, attributes } = value.source.node;
  const { transA, transB } = attributes as GemmAttributes;
  return transA && !transB && inputs.length === 2;
}

/** Whether one product moves less than several and their sum: what is copied against what is written, read and added. */
function areWorthIt(products: readonly Product[]): boolean {
  if (products.length < 2) return false;
  const [first, ...rest] = products.map(({ source }) => source.node);
  const { alpha } = first!.attributes as GemmAttributes;
  if (rest.some((node) => (node.attributes as GemmAttributes).alpha !== alpha)) return false;
  const [a, b] = first!.inputs as [Value, Value];
  const [rows, m] = a.shape as [number, number];
  return rows * (m + b.shape[1]!) < 2 * m * b.shape[1]!;
}
