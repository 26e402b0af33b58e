import type { Node, Value } from '../../graph/graph.js';
import { pad, reshape, slice, transpose } from '../../ops/build.js';
import type { BlockAttributes } from '../../ops/depth-to-space.js';
import type { PadAttributes } from '../../ops/pad.js';
import type { SliceAttributes } from '../../ops/slice.js';

/**
 * What moves whole places of an image about, and no channels.
 * @param x [N, C/b, H, W, b]
 * @returns [N, C/b, H', W', b], or undefined where the node does something else
 */
export function moveInBlocks({ op, attributes }: Node, x: Value): Value | undefined {
  if (op === 'Slice') {
    const { starts, ends, axes, steps } = attributes as SliceAttributes;
    return axes.every((axis) => axis === 2 || axis === 3) ? slice(x, starts, ends, axes, steps) : undefined;
  }
  if (op === 'Pad') {
    const { pads, value } = attributes as PadAttributes;
    const [n, c, top, left, nAfter, cAfter, bottom, right] = pads as readonly [number, ...number[]];
    if ([n, c, nAfter, cAfter].some((p) => p !== 0)) return undefined;
    return pad(x, [0, 0, top!, left!, 0, 0, 0, bottom!, right!, 0], value);
  }
  if (op === 'DepthToSpace') {
    const { blocksize } = attributes as BlockAttributes;
    const [n, parts, height, width, block] = x.shape as [number, number, number, number, number];
    if (parts % blocksize ** 2 !== 0) return undefined;
    const own = parts / blocksize ** 2;
    const phases = reshape(x, [n, blocksize, blocksize, own, height, width, block]);
    const woven = transpose(phases, [0, 3, 4, 1, 5, 2, 6]);
    return reshape(woven, [n, own, height * blocksize, width * blocksize, block]);
  }
  return undefined;
}
