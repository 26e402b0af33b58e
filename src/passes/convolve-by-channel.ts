import type { Graph, Node } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import type { ConvAttributes } from '../ops/conv.js';

/**
 * Has the weight gradients of depthwise convolutions computed as depthwise convolutions, whose windows are as large as the image:
 * nothing is copied for them, and blocks of channels suit them. To be used before differentiation.
 */
export const convolveByChannel = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs, target) =>
    isDepthwise(node) ? target.apply('Conv', inputs, { ...node.attributes, byChannel: true }) : undefined,
  );

function isDepthwise({ op, inputs: [, w], attributes }: Node): boolean {
  const { group } = attributes as ConvAttributes;
  return op === 'Conv' && group > 1 && w!.shape[0] === group && w!.shape[1] === 1;
}
