import { Conv, type ConvAttributes } from '../conv.js';
import type { Op } from '../op.js';
import { blockedDomain, onlyInLastForm } from './domain.js';
import { filterForm, plainFilter } from './filter.js';
import { fromBlocks, toBlocks } from './layout.js';

export type NchwcConvAttributes = ConvAttributes & { readonly block: number };

/**
 * A convolution of two spatial axes in blocks of channels: ordinary or depthwise. x is in blocks, or plain where it has fewer
 * channels than one; the filter is as `blockFilter` makes it.
 */
export const NchwcConv: Op<NchwcConvAttributes> = {
  ...onlyInLastForm,
  infer: (inputs, attributes) => Conv.infer(inputs, attributes),
  emit: (call) => ({ ...Conv.emit(call), domain: blockedDomain }),
  evaluate: ([x, w, b], attributes, [y]) => {
    const { block, group } = attributes;
    const form = filterForm(w!.shape, group, block);
    const image = form === 'plain' ? x! : { shape: x!.shape, data: fromBlocks(x!.data, x!.shape, block) };
    const filter = { shape: w!.shape, data: plainFilter(w!.data, w!.shape, form, block) };
    const [result] = Conv.evaluate([image, filter, ...(b === undefined ? [] : [b])], attributes, [y!]);
    return [toBlocks(result!, y!.shape, block)];
  },
};
