import { LegendaError } from '../errors.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { depthToSpace } from './build.js';
import type { BlockAttributes } from './depth-to-space.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

/** [N, C, b·H, b·W] → [N, b·b·C, H, W]: the inverse of DepthToSpace. */
export const SpaceToDepth: Op<BlockAttributes> = {
  infer: ([x], { blocksize: b }) => {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4 || h! % b !== 0 || w! % b !== 0) {
      throw new LegendaError(`${formatShape(x!.shape)} has no sides that are multiples of ${b}`);
    }
    return [{ dtype: x!.dtype, shape: [n!, c! * b * b, h! / b, w! / b] }];
  },
  emit: ({ attributes: { blocksize } }) => ({ opType: 'SpaceToDepth', attributes: { blocksize: { int: blocksize } } }),
  read: (call) => ({ inputs: [0], attributes: { blocksize: call.int('blocksize')! } }),
  vjp: ({ attributes: { blocksize } }, g) => [() => depthToSpace(g!, blocksize)],
  evaluate: ([x], { blocksize: b }, [y]) => {
    const [, c, h, w] = x!.shape as [number, number, number, number];
    const result = new Float64Array(sizeOf(y!.shape));
    forEachIndex(y!.shape, ([n, depth, i, j], position) => {
      const block = Math.floor(depth! / c);
      const row = i! * b + Math.floor(block / b);
      result[position] = x!.data[((n! * c + (depth! % c)) * h + row) * w + j! * b + (block % b)]!;
    });
    return [result];
  },
  cases: [
    { name: 'blocks of 1', inputs: [{ shape: [1, 2, 2, 1] }], attributes: { blocksize: 1 } },
    { name: 'no images', inputs: [{ shape: [0, 1, 2, 4] }], attributes: { blocksize: 2 } },
    { name: 'blocks of 2', inputs: [{ shape: [2, 2, 2, 6] }], attributes: { blocksize: 2 } },
    { name: 'blocks of 3', inputs: [{ shape: [1, 1, 6, 3] }], attributes: { blocksize: 3 } },
  ],
};
