import { LegendaError } from '../errors.js';
import { broadcastShapes } from '../tensor/shape.js';
import { where } from './build.js';
import { type NoAttributes, requireSameDType, unbroadcast } from './elementwise.js';
import { evaluateBroadcast } from './evaluate.js';
import type { Op } from './op.js';

export const Where: Op<NoAttributes> = {
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool') throw new LegendaError(`the condition is ${condition!.dtype}, bool is expected`);
    return [{ dtype: requireSameDType([a!, b!]), shape: broadcastShapes(condition!.shape, a!.shape, b!.shape) }];
  },
  emit: () => ({ opType: 'Where' }),
  read: () => ({ inputs: [0, 1, 2], attributes: {} }),
  vjp: ({ inputs: [condition, a, b] }, g) => [
    undefined,
    () => unbroadcast(where(condition!, g!, 0), a!),
    () => unbroadcast(where(condition!, 0, g!), b!),
  ],
  evaluate: (inputs, _, [y]) => [evaluateBroadcast(inputs, y!.shape, (c, a, b) => (c !== 0 ? a! : b!))],
  cases: [
    {
      name: 'scalar condition',
      inputs: [{ shape: [], dtype: 'bool', values: [1] }, { shape: [2, 1] }, { shape: [3] }],
      attributes: {},
    },
    {
      name: 'whole numbers',
      inputs: [
        { shape: [3], dtype: 'bool' },
        { shape: [3], dtype: 'int64' },
        { shape: [3], dtype: 'int64' },
      ],
      attributes: {},
    },
    {
      name: 'same shape',
      inputs: [{ shape: [3], dtype: 'bool', values: [1, 0, 1] }, { shape: [3] }, { shape: [3] }],
      attributes: {},
    },
    {
      name: 'all repeated',
      inputs: [{ shape: [2, 1], dtype: 'bool', values: [1, 0] }, { shape: [3] }, { shape: [] }],
      attributes: {},
    },
    {
      name: 'size 0',
      inputs: [{ shape: [0], dtype: 'bool', values: [] }, { shape: [1] }, { shape: [0] }],
      attributes: {},
    },
  ],
};
