import { LegendaError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { formatShape, normaliseAxis, sameShape, sizeOf } from '../tensor/shape.js';
import { add, div, mul, reduceMean, sqrt, sub } from './build.js';
import { floats, requireDType, requireSameDType, unbroadcast } from './elementwise.js';
import { allInputs } from './emit.js';
import type { Op } from './op.js';

export type LayerNormalizationAttributes = {
  /** The first of the axes that are normalised together. */
  readonly axis: number;
  readonly epsilon: number;
};

export const LayerNormalization: Op<LayerNormalizationAttributes> = {
  infer: ([x, scale, bias], { axis }) => {
    requireDType([x!], floats);
    const normalised = x!.shape.slice(normaliseAxis(axis, x!.shape.length));
    for (const [name, value] of [
      ['scale', scale!],
      ['bias', bias],
    ] as const) {
      if (value === undefined || sameShape(value.shape, normalised)) continue;
      throw new LegendaError(`${name} is ${formatShape(value.shape)}, ${formatShape(normalised)} is expected`);
    }
    return [{ dtype: requireSameDType([x!, scale!, ...(bias ? [bias] : [])]), shape: x!.shape }];
  },
  emit: ({ inputs, attributes: { axis, epsilon } }) => ({
    opType: 'LayerNormalization',
    attributes: { axis: { int: axis }, epsilon: { float: epsilon } },
    inputs: allInputs(inputs.length),
  }),
  read: (call) => {
    if (call.outputCount > 1) throw new LegendaError('the Mean and InvStdDev outputs are not supported');
    return {
      inputs: allInputs(call.inputs[2] === undefined ? 2 : 3),
      attributes: { axis: call.int('axis') ?? -1, epsilon: call.float('epsilon') ?? 1e-5 },
    };
  },
  vjp: ({ inputs: [x, scale, bias], attributes: { axis, epsilon } }, g) => {
    const first = normaliseAxis(axis, x!.shape.length);
    const axes = x!.shape.flatMap((_, a) => (a < first ? [] : [a]));
    const mean = (v: Value): Value => reduceMean(v, { axes, keepdims: true });
    let known: { readonly normalised: Value; readonly deviation: Value } | undefined;
    const statistics = () => {
      if (known !== undefined) return known;
      const centred = sub(x!, mean(x!));
      const deviation = sqrt(add(mean(mul(centred, centred)), epsilon));
      known = { normalised: div(centred, deviation), deviation };
      return known;
    };
    return [
      // (h - mean(h) - x̂ mean(h∘x̂)) / σ, where h = g∘scale
      () => {
        const { normalised, deviation } = statistics();
        const h = mul(g!, scale!);
        return div(sub(sub(h, mean(h)), mul(normalised, mean(mul(h, normalised)))), deviation);
      },
      () => unbroadcast(mul(g!, statistics().normalised), scale!),
      () => unbroadcast(g!, bias!),
    ];
  },
  evaluate: ([x, scale, bias], { axis, epsilon }) => {
    const count = sizeOf(x!.shape.slice(normaliseAxis(axis, x!.shape.length)));
    const result = new Float64Array(x!.data.length);
    for (let start = 0; start < result.length; start += count) {
      const row = x!.data.subarray(start, start + count);
      const mean = row.reduce((sum, value) => sum + value, 0) / count;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
      row.forEach((value, i) => {
        const normalised = (value - mean) / Math.sqrt(variance + epsilon);
        result[start + i] = normalised * scale!.data[i]! + (bias?.data[i] ?? 0);
      });
    }
    return [result];
  },
  cases: [
    {
      name: 'rows',
      inputs: [{ shape: [3, 4] }, { shape: [4] }, { shape: [4] }],
      attributes: { axis: -1, epsilon: 1e-5 },
    },
    {
      name: 'several axes',
      inputs: [{ shape: [2, 3, 2] }, { shape: [3, 2] }, { shape: [3, 2] }],
      attributes: { axis: 1, epsilon: 1e-5 },
    },
    {
      name: 'all axes, no bias',
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
      attributes: { axis: 0, epsilon: 1e-2 },
    },
    {
      name: 'size 1',
      inputs: [{ shape: [2, 1] }, { shape: [1] }, { shape: [1] }],
      attributes: { axis: -1, epsilon: 1e-5 },
    },
    {
      name: 'no rows',
      inputs: [{ shape: [0, 3] }, { shape: [3] }, { shape: [3] }],
      attributes: { axis: 1, epsilon: 1e-5 },
    },
  ],
};
