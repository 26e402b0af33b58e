import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { maximum, slice } from '../ops/build.js';
import type { PoolAttributes } from '../ops/pool.js';

/**
 * MaxPool over one axis of contiguous blocks, [1, 1, P, M] → [1, 1, 1, M], as maxima of the blocks: the blocks are cut
 * out for the gradient anyway. To be used after differentiation, which knows MaxPool's rule for ties.
 */
export const unrollTallPools = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, [x]) => {
    if (node.op !== 'MaxPool' || x!.shape.length !== 4) return undefined;
    const { kernel, strides, pads } = node.attributes as PoolAttributes;
    const [n, c, phases, width] = x!.shape as [number, number, number, number];
    const tall = n === 1 && c === 1 && kernel[0] === phases && kernel[1] === 1 && strides[1] === 1;
    if (!tall || pads.some((p) => p !== 0)) return undefined;
    const blocks = Array.from({ length: phases }, (_, p) => slice(x!, [p, 0], [p + 1, width], [2, 3], strides));
    return [blocks.reduce((largest, block) => maximum(largest, block))];
  });
