import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Weights [kH][kW] of one filter and one input channel. */
export type Kernel = readonly (readonly number[])[];

/** The filters of one convolution: for every output channel the weights [kH][kW] of one input channel. */
export interface FilterBank {
  readonly layer: string;
  readonly kernels: readonly Kernel[];
}

/** A convolution's weights [out, in/groups, kH, kW], with the layer's path. */
export interface ConvolutionWeights {
  readonly layer: string;
  readonly shape: Shape;
  readonly data: Tensor['data'];
}

/** The weights of every convolution of a model. @param parameters by name */
export const convolutionsIn = (parameters: ReadonlyMap<string, Tensor>): ConvolutionWeights[] =>
  [...parameters].flatMap(([name, { shape, data }]) =>
    name.endsWith('.weight') && !name.includes('/') && shape.length === 4
      ? [{ layer: name.slice(0, -'.weight'.length), shape, data }]
      : [],
  );

/**
 * The filters of every convolution of a model.
 * @param channel the input channel, the first by default
 */
export const convolutionFilters = (parameters: ReadonlyMap<string, Tensor>, channel = 0): FilterBank[] =>
  convolutionsIn(parameters).map((weights) => ({
    layer: weights.layer,
    kernels: Array.from({ length: weights.shape[0]! }, (_, filter) => kernelOf(weights, filter, channel)),
  }));

/** @param channel of the input, from 0 */
export function kernelOf({ shape, data }: ConvolutionWeights, filter: number, channel: number): Kernel {
  const [, channels, height, width] = shape as [number, number, number, number];
  const first = (filter * channels + channel) * height * width;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => Number(data[first + y * width + x])),
  );
}
