import type { Graph, Node, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { concat } from '../ops/build.js';
import type { GemmAttributes } from '../ops/gemm.js';
import { sizeOf } from '../tensor/shape.js';
import { nodeOf, readersOf } from './readers.js';

/**
 * A·B and A·C beside each other as one product of A with B and C beside each other, where that copies less: the weight gradient of
 * a layer whose weights were cut by what they multiply.
 */
export function joinProducts(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewriteGraph(graph, (node, _inputs, target, map) => {
    if (node.op !== 'Concat' || node.attributes['axis'] !== 1) return undefined;
    const products = node.inputs.map((value) => (readers(value) === 1 ? productOf(value) : undefined));
    const [first, ...others] = products;
    if (first === undefined || !others.every((other) => other !== undefined && isAlike(first, other))) return undefined;
    const factors = products.map((product) => product!.inputs[1]!);
    const moved = factors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (moved >= sizeOf(node.outputs[0]!.shape)) return undefined;
    return target.apply('Gemm', [map(first.inputs[0]!), concat(factors.map(map), 1)], first.attributes);
  });
}

const productOf = (value: Value): Node | undefined => {
  const product = nodeOf(value, 'Gemm');
  const isPlain = product?.inputs.length === 2 && !(product.attributes as GemmAttributes).transB;
  return isPlain ? product : undefined;
};

function isAlike(a: Node, b: Node): boolean {
  const [p, q] = [a.attributes as GemmAttributes, b.attributes as GemmAttributes];
  return a.inputs[0] === b.inputs[0] && p.alpha === q.alpha && p.transA === q.transA;
}
