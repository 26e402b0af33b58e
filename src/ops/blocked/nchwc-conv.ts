import { Conv, type ConvAttributes } from '../conv.js';
import type { Op } from '../op.js';
import { filterForm, plainFilter } from './filter.js';
import { fromBlocks, toBlocks } from './layout.js';

export type NchwcConvAttributes = ConvAttributes & { readonly block: number };

/** ONNX Runtime's own domain for what its CPU kernels compute in blocks of channels. */
export const blockedDomain = 'com.microsoft.nchwc';

/**
 * A convolution of two spatial axes in blocks of channels: ordinary or depthwise. x is in blocks, or plain where it has fewer
 * channels than one; the filter is as `blockFilter` makes it.
 */
export const NchwcConv: Op<NchwcConvAttributes> = {
  infer: (inputs, attributes) => Conv.infer(inputs, attributes),
  emit: (call) => ({ ...Conv.emit(call), domain: blockedDomain }),
  read: () => {
    throw new Error('files have no convolutions in blocks');
  },
  vjp: 'it is written after a step is differentiated',
  evaluate: ([x, w, b], attributes, [y]) => {
    const { block, group } = attributes;
    const form = filterForm(w!.shape, group, block);
    const image = form === 'plain' ? x! : { shape: x!.shape, data: fromBlocks(x!.data, x!.shape, block) };
    const filter = { shape: w!.shape, data: plainFilter(w!.data, w!.shape, form, block) };
    const [result] = Conv.evaluate([image, filter, ...(b === undefined ? [] : [b])], attributes, [y!]);
    return [toBlocks(result!, y!.shape, block)];
  },
  cases: [],
};
