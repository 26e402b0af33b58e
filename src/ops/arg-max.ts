import { LegendaError } from '../errors.js';
import { normaliseAxis, reducedShape } from '../tensor/shape.js';
import { forEachRow } from './evaluate.js';
import type { Op } from './op.js';

export type ArgMaxAttributes = { readonly axis: number; readonly keepdims: boolean };

export const ArgMax: Op<ArgMaxAttributes> = {
  infer: ([x], { axis: given, keepdims }) => {
    const axis = normaliseAxis(given, x!.shape.length);
    if (x!.shape[axis] === 0) throw new LegendaError('no elements have no maximum');
    return [{ dtype: 'int64', shape: reducedShape(x!.shape, [axis], keepdims) }];
  },
  emit: ({ attributes: { axis, keepdims } }) => ({
    opType: 'ArgMax',
    attributes: { axis: { int: axis }, keepdims: { int: Number(keepdims) } },
  }),
  read: (call) => {
    if (call.int('select_last_index') === 1) throw new LegendaError('select_last_index = 1 is not supported');
    return { inputs: [0], attributes: { axis: call.int('axis') ?? 0, keepdims: call.int('keepdims') !== 0 } };
  },
  vjp: 'a position is piecewise constant',
  evaluate: ([x], { axis }) => {
    const result: number[] = [];
    forEachRow(x!.shape, normaliseAxis(axis, x!.shape.length), (positions) => {
      let best = 0;
      positions.forEach((position, i) => {
        if (x!.data[position]! > x!.data[positions[best]!]!) best = i;
      });
      result.push(best);
    });
    return [Float64Array.from(result)];
  },
  cases: [
    { name: 'rows', inputs: [{ shape: [3, 4] }], attributes: { axis: -1, keepdims: false } },
    { name: 'a middle axis, kept', inputs: [{ shape: [2, 3, 2] }], attributes: { axis: 1, keepdims: true } },
    { name: 'ties', inputs: [{ shape: [2, 3], values: [1, 3, 3, 2, 2, 2] }], attributes: { axis: 1, keepdims: false } },
    { name: 'size 1', inputs: [{ shape: [1, 1] }], attributes: { axis: 0, keepdims: false } },
    { name: 'no rows', inputs: [{ shape: [0, 3] }], attributes: { axis: 1, keepdims: false } },
  ],
};
