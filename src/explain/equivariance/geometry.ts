import type { Node } from '../../graph/graph.js';
import type { ConvAttributes } from '../../ops/conv.js';
import type { PoolAttributes } from '../../ops/pool.js';

/** What one place of a layer's output is made of, along one axis: `size` places of the input, from place·stride - pad on. */
export interface Extent {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/** Downwards and rightwards. */
export type Geometry = readonly [Extent, Extent];

const pointwise = new Set([
  'Relu',
  'LeakyRelu',
  'Sigmoid',
  'Tanh',
  'Erf',
  'Clip',
  'HardSigmoid',
  'Neg',
  'Abs',
  'Exp',
  'Sqrt',
  'BatchNormalization',
]);

const none: Extent = { size: 1, stride: 1, pad: 0 };

/**
 * The geometry of a layer of images, from the nodes that it is made of.
 * @returns undefined when one of them is not local: then a shifted input has no shifted output to be compared with
 */
export function geometryOf(nodes: readonly Node[]): Geometry | undefined {
  let whole: Geometry = [none, none];
  for (const node of nodes) {
    const own = geometryOfNode(node);
    if (own === undefined) return undefined;
    whole = [after(whole[0], own[0]), after(whole[1], own[1])];
  }
  return whole;
}

function geometryOfNode(node: Node): Geometry | undefined {
  if (pointwise.has(node.op)) return [none, none];
  if (node.op === 'Conv') {
    const { strides, pads, dilations } = node.attributes as ConvAttributes;
    return extents(node.inputs[1]!.shape.slice(2), strides, pads, dilations);
  }
  if (node.op !== 'MaxPool' && node.op !== 'AveragePool') return undefined;
  const { kernel, strides, pads, dilations } = node.attributes as PoolAttributes;
  return extents(kernel, strides, pads, dilations);
}

function extents(
  kernel: readonly number[],
  strides: readonly number[],
  pads: readonly number[],
  dilations: readonly number[],
): Geometry | undefined {
  if (kernel.length !== 2) return undefined;
  const along = (axis: 0 | 1): Extent => ({
    size: (kernel[axis]! - 1) * dilations[axis]! + 1,
    stride: strides[axis]!,
    pad: pads[axis]!,
  });
  return [along(0), along(1)];
}

/** One layer behind another. */
const after = (first: Extent, second: Extent): Extent => ({
  size: first.size + (second.size - 1) * first.stride,
  stride: first.stride * second.stride,
  pad: first.pad + second.pad * first.stride,
});
