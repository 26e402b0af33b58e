import { LegendaError } from '../errors.js';
import { formatShape } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import type { OnnxAttribute, OnnxSource } from './op.js';
import { readWindow, type WindowAttributes, windowedSizes } from './window.js';

export type PoolAttributes = WindowAttributes & { readonly kernel: readonly number[] };

export function inferPool([x]: readonly TensorType[], attributes: PoolAttributes): TensorType[] {
  const { kernel, pads } = attributes;
  const sizes = windowedSizes(x!.shape.slice(2), kernel, attributes);
  // runtimes demand it, and without dilations it gives every window some data
  if (pads.some((p, i) => p >= kernel[i % kernel.length]!)) {
    throw new LegendaError(`pads [${pads}] are not smaller than the window ${formatShape(kernel)}`);
  }
  return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, 2), ...sizes] }];
}

export const emitPool = ({ kernel, strides, pads }: PoolAttributes): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  pads: { ints: pads },
});

export function readPool(call: OnnxSource): PoolAttributes {
  const kernel = call.ints('kernel_shape')!;
  return { kernel, ...readWindow(call, kernel) };
}
