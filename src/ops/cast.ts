import { LegendaError } from '../errors.js';
import { type DType, isFloat } from '../tensor/dtype.js';
import { cast } from './build.js';
import { dtypeOfOnnx, onnxOfDType } from './onnx-dtype.js';
import type { Op } from './op.js';

export type CastAttributes = { readonly to: DType };

export const Cast: Op<CastAttributes> = {
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  emit: ({ attributes: { to } }) => ({ opType: 'Cast', attributes: { to: { int: onnxOfDType[to] } } }),
  read: (call) => {
    const code = call.int('to');
    const to = code === undefined ? undefined : dtypeOfOnnx(code);
    if (to === undefined) throw new LegendaError(`cannot cast to ONNX data type ${code}`);
    return { inputs: [0], attributes: { to } };
  },
  vjp: ({ inputs: [x], attributes: { to } }, g) => [
    isFloat(x!.dtype) && isFloat(to) ? () => cast(g!, x!.dtype) : undefined,
  ],
  evaluate: ([x], { to }) => [x!.data.map((value) => convert(value, to))],
  cases: [
    { name: 'to double precision', inputs: [{ shape: [2, 2] }], attributes: { to: 'float64' } },
    { name: 'from double precision', inputs: [{ shape: [3], dtype: 'float64' }], attributes: { to: 'float32' } },
    { name: 'bool to float', inputs: [{ shape: [2, 2], dtype: 'bool' }], attributes: { to: 'float32' } },
    {
      name: 'bytes to float',
      inputs: [{ shape: [3], dtype: 'uint8', values: [0, 128, 255] }],
      attributes: { to: 'float32' },
    },
    { name: 'size 0', inputs: [{ shape: [0] }], attributes: { to: 'int64' } },
    { name: 'float to int truncates', inputs: [{ shape: [2, 3] }], attributes: { to: 'int64' } },
    { name: 'float to bool', inputs: [{ shape: [3], values: [0, -0.5, 2] }], attributes: { to: 'bool' } },
    {
      name: 'int to float',
      inputs: [{ shape: [3], dtype: 'int64', values: [-1, 0, 7] }],
      attributes: { to: 'float32' },
    },
  ],
};

function convert(value: number, to: DType): number {
  if (to === 'bool') return value === 0 ? 0 : 1;
  return isFloat(to) ? value : Math.trunc(value);
}
