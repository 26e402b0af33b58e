import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import { add, div, mul, neg, reduceSum, reshape, sqrt, sub } from './build.js';
import { floats, requireDType, requireSameDType } from './elementwise.js';
import type { Op } from './op.js';

export type BatchNormalizationAttributes = { readonly epsilon: number };

/** Inference form: (x - mean)/√(var + ε) · scale + bias, with one value of each a channel. */
export const BatchNormalization: Op<BatchNormalizationAttributes> = {
  infer: ([x, ...perChannel]) => {
    requireDType([x!], floats);
    const channels = x!.shape[1];
    if (channels === undefined) throw new LegendaError('an input [N, C, …] is expected');
    perChannel.forEach(({ shape }, i) => {
      if (shape.length === 1 && shape[0] === channels) return;
      const name = ['scale', 'bias', 'mean', 'var'][i];
      throw new LegendaError(`${name} is ${formatShape(shape)} for ${channels} channels`);
    });
    return [{ dtype: requireSameDType([x!, ...perChannel]), shape: x!.shape }];
  },
  emit: ({ attributes: { epsilon } }) => ({
    opType: 'BatchNormalization',
    attributes: { epsilon: { float: epsilon } },
  }),
  read: (call) => {
    if (call.outputCount > 1) {
      throw new LegendaError(
        'its form of before opset 14 with several outputs is not supported: export the model for inference',
      );
    }
    call.int('training_mode');
    if (call.int('spatial') === 0) throw new LegendaError('spatial = 0 is not supported');
    return { inputs: [0, 1, 2, 3, 4], attributes: { epsilon: call.float('epsilon') ?? 1e-5 } };
  },
  vjp: ({ inputs: [x, scale, , mean, variance], attributes: { epsilon } }, g) => {
    const channels = x!.shape[1]!;
    const along = (v: Value): Value => reshape(v, [channels, ...x!.shape.slice(2).map(() => 1)]);
    const total = (v: Value): Value =>
      reduceSum(v, { axes: x!.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])) });
    const deviation = (): Value => sqrt(add(variance!, epsilon));
    const slope = (): Value => div(scale!, deviation());
    const centred = (): Value => sub(x!, along(mean!));
    return [
      () => mul(g!, along(slope())),
      () => div(total(mul(g!, centred())), deviation()),
      () => total(g!),
      () => neg(mul(total(g!), slope())),
      // d(var + ε)^(-1/2) = -½ (var + ε)^(-3/2)
      () => mul(div(mul(total(mul(g!, centred())), slope()), add(variance!, epsilon)), -0.5),
    ];
  },
  evaluate: ([x, scale, bias, mean, variance], { epsilon }) => {
    const channels = x!.shape[1]!;
    const area = sizeOf(x!.shape.slice(2));
    return [
      x!.data.map((value, i) => {
        const c = Math.floor(i / area) % channels;
        return ((value - mean!.data[c]!) / Math.sqrt(variance!.data[c]! + epsilon)) * scale!.data[c]! + bias!.data[c]!;
      }),
    ];
  },
  cases: [
    ['images', [2, 3, 2, 4]],
    ['vectors', [3, 2]],
    ['one spatial axis', [2, 2, 3]],
    ['size 1', [1, 1, 1, 1]],
    ['no images', [0, 2, 2, 2]],
  ].map(([name, shape]) => {
    const x = shape as number[];
    const perChannel = { shape: [x[1]!] };
    const positive = { shape: [x[1]!], range: [0.5, 2] } as const;
    return {
      name: name as string,
      inputs: [{ shape: x }, perChannel, perChannel, perChannel, positive],
      attributes: { epsilon: 1e-3 },
    };
  }),
};
