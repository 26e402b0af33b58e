import { LegendaError } from '../errors.js';
import { normaliseAxis } from '../tensor/shape.js';
import { mul, reduceSum, sub } from './build.js';
import { floats, requireDType } from './elementwise.js';
import { forEachRow } from './evaluate.js';
import type { Case, NumberArray, OnnxSource, Op } from './op.js';

export type SoftmaxAttributes = { readonly axis: number };

export const Softmax: Op<SoftmaxAttributes> = {
  infer: ([x], { axis }) => {
    requireDType([x!], floats);
    normaliseAxis(axis, x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: ({ attributes: { axis } }) => ({ opType: 'Softmax', attributes: { axis: { int: axis } } }),
  read: (call) => ({ inputs: [0], attributes: { axis: readSoftmaxAxis(call) } }),
  // y ∘ (g - Σ g∘y)
  vjp: ({ outputs: [y], attributes: { axis } }, g) => [
    () => mul(y!, sub(g!, reduceSum(mul(g!, y!), { axes: [axis], keepdims: true }))),
  ],
  evaluate: ([x], { axis }) => [logSoftmaxOf(x!, axis).map(Math.exp)],
  cases: softmaxCases(),
};

/** Before opset 13 the axes from `axis` on were one: the same as today's only at the last axis. */
export function readSoftmaxAxis(call: OnnxSource): number {
  const rank = call.inputs[0]!.shape.length;
  if (call.opset >= 13) return call.int('axis') ?? -1;
  const axis = call.int('axis') ?? 1;
  const trailing = call.inputs[0]!.shape.slice((axis < 0 ? axis + rank : axis) + 1);
  if (trailing.some((size) => size !== 1)) {
    throw new LegendaError(
      `opset ${call.opset}'s softmax over several axes (axis ${axis} of ${rank}) is not supported`,
    );
  }
  return axis;
}

export function logSoftmaxOf(x: NumberArray, axis: number): Float64Array {
  const result = new Float64Array(x.data.length);
  forEachRow(x.shape, normaliseAxis(axis, x.shape.length), (positions) => {
    const largest = positions.reduce((max, p) => Math.max(max, x.data[p]!), -Infinity);
    const sum = positions.reduce((total, p) => total + Math.exp(x.data[p]! - largest), 0);
    for (const p of positions) result[p] = x.data[p]! - largest - Math.log(sum);
  });
  return result;
}

export function softmaxCases(): readonly Case<SoftmaxAttributes>[] {
  return [
    { name: 'the first of four axes', inputs: [{ shape: [3, 1, 2, 1] }], attributes: { axis: -4 } },
    { name: 'rows', inputs: [{ shape: [2, 4] }], attributes: { axis: -1 } },
    { name: 'a middle axis', inputs: [{ shape: [2, 3, 2] }], attributes: { axis: 1 } },
    { name: 'large values', inputs: [{ shape: [1, 3], values: [1000, 999, -1000] }], attributes: { axis: 1 } },
    { name: 'size 1', inputs: [{ shape: [3, 1] }], attributes: { axis: 1 } },
    { name: 'no rows', inputs: [{ shape: [0, 3] }], attributes: { axis: 1 } },
  ];
}
