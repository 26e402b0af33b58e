import { LegendaError } from '../errors.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { spaceToDepth } from './build.js';
import { forEachIndex } from './evaluate.js';
import type { Op } from './op.js';

export type BlockAttributes = { readonly blocksize: number };

/** [N, b·b·C, H, W] → [N, C, b·H, b·W]; block row and column are the slowest parts of the channel (mode DCR). */
export const DepthToSpace: Op<BlockAttributes> = {
  infer: ([x], { blocksize: b }) => {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4 || c! % (b * b) !== 0) {
      throw new LegendaError(`${formatShape(x!.shape)} is no [N, ${b * b}·C, H, W]`);
    }
    return [{ dtype: x!.dtype, shape: [n!, c! / (b * b), h! * b, w! * b] }];
  },
  emit: ({ attributes: { blocksize } }) => ({ opType: 'DepthToSpace', attributes: { blocksize: { int: blocksize } } }),
  read: (call) => {
    const mode = call.string('mode') ?? 'DCR';
    if (mode !== 'DCR') throw new LegendaError(`mode "${mode}" is not supported, only "DCR"`);
    return { inputs: [0], attributes: { blocksize: call.int('blocksize')! } };
  },
  vjp: ({ attributes: { blocksize } }, g) => [() => spaceToDepth(g!, blocksize)],
  evaluate: ([x], { blocksize: b }, [y]) => {
    const [, c, h, w] = x!.shape as [number, number, number, number];
    const channels = c / (b * b);
    const result = new Float64Array(sizeOf(y!.shape));
    forEachIndex(y!.shape, ([n, k, i, j], position) => {
      const depth = ((i! % b) * b + (j! % b)) * channels + k!;
      result[position] = x!.data[((n! * c + depth) * h + Math.floor(i! / b)) * w + Math.floor(j! / b)]!;
    });
    return [result];
  },
  cases: [
    { name: 'blocks of 1', inputs: [{ shape: [1, 2, 2, 1] }], attributes: { blocksize: 1 } },
    { name: 'no images', inputs: [{ shape: [0, 4, 1, 2] }], attributes: { blocksize: 2 } },
    { name: 'blocks of 2', inputs: [{ shape: [2, 8, 1, 3] }], attributes: { blocksize: 2 } },
    { name: 'blocks of 3', inputs: [{ shape: [1, 9, 2, 1] }], attributes: { blocksize: 3 } },
  ],
};
