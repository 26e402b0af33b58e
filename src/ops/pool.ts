import type { TensorType } from '../tensor/tensor.js';
import type { OnnxAttribute, OnnxSource } from './op.js';
import { readWindow, type WindowAttributes, windowedSizes } from './window.js';

export type PoolAttributes = WindowAttributes & { readonly kernel: readonly number[] };

export const inferPool = ([x]: readonly TensorType[], attributes: PoolAttributes): TensorType[] => [
  {
    dtype: x!.dtype,
    shape: [...x!.shape.slice(0, 2), ...windowedSizes(x!.shape.slice(2), attributes.kernel, attributes)],
  },
];

export const emitPool = ({ kernel, strides, pads }: PoolAttributes): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  pads: { ints: pads },
});

export function readPool(call: OnnxSource): PoolAttributes {
  const kernel = call.ints('kernel_shape')!;
  return { kernel, ...readWindow(call, kernel) };
}
