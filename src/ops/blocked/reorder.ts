import { LegendaError } from '../../errors.js';
import { floats, requireDType } from '../elementwise.js';
import type { Op } from '../op.js';
import { blockedDomain, onlyInLastForm } from './domain.js';
import { fromBlocks, toBlocks, wholeBlocks } from './layout.js';

/** ONNX Runtime's kernel puts channels in blocks by fours. */
export const channelStep = 4;

/** An image [N, C, H, W] into blocks of channels, the last one filled up with zeros. */
export const ReorderInput: Op<{ readonly block: number }> = {
  ...onlyInLastForm,
  infer: ([x], { block }) => {
    requireDType([x!], floats);
    if (x!.shape.length !== 4 || x!.shape[1]! % channelStep !== 0)
      throw new LegendaError(`[N, C, H, W] with a multiple of ${channelStep} channels is expected`);
    const [n, channels, ...places] = x!.shape as [number, number, number, number];
    return [{ dtype: x!.dtype, shape: [n, wholeBlocks(channels, block), ...places] }];
  },
  emit: () => ({ opType: 'ReorderInput', domain: blockedDomain }),
  evaluate: ([x], { block }) => [toBlocks(x!.data, x!.shape, block)],
};

/** Its first channels out of blocks again. */
export const ReorderOutput: Op<{ readonly block: number; readonly channels: number }> = {
  ...onlyInLastForm,
  infer: ([x], { block, channels }) => {
    requireDType([x!], floats);
    if (x!.shape.length !== 4 || x!.shape[1] !== wholeBlocks(channels, block))
      throw new LegendaError(`[N, C, H, W] with ${channels} channels in blocks of ${block} is expected`);
    const [n, , ...places] = x!.shape as [number, number, number, number];
    return [{ dtype: x!.dtype, shape: [n, channels, ...places] }];
  },
  emit: ({ attributes: { channels } }) => ({
    opType: 'ReorderOutput',
    domain: blockedDomain,
    attributes: { channels: { int: channels } },
  }),
  evaluate: ([x], { block }, [y]) => [fromBlocks(x!.data, y!.shape, block)],
};
