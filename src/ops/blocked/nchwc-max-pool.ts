import { MaxPool } from '../max-pool.js';
import type { Op } from '../op.js';
import type { PoolAttributes } from '../pool.js';
import { blockedDomain, onlyInLastForm } from './domain.js';
import { fromBlocks, toBlocks } from './layout.js';

/** The largest of each window, in blocks of channels. */
export const NchwcMaxPool: Op<PoolAttributes & { readonly block: number }> = {
  ...onlyInLastForm,
  infer: (inputs, attributes) => MaxPool.infer(inputs, attributes),
  emit: (call) => ({ ...MaxPool.emit(call), domain: blockedDomain }),
  evaluate: ([x], attributes, [y]) => {
    const plain = { shape: x!.shape, data: fromBlocks(x!.data, x!.shape, attributes.block) };
    return [toBlocks(MaxPool.evaluate([plain], attributes, [y!])[0]!, y!.shape, attributes.block)];
  },
};
