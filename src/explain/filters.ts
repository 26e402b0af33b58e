import type { Tensor } from '../tensor/tensor.js';

/** The filters of one convolution: for every output channel the weights [kH][kW] of one input channel. */
export interface FilterBank {
  readonly layer: string;
  readonly kernels: readonly (readonly (readonly number[])[])[];
}

/**
 * The filters of every convolution of a model.
 * @param parameters by name; convolutions are the weights [out, in/groups, kH, kW]
 * @param channel the input channel, the first by default
 */
export function convolutionFilters(parameters: ReadonlyMap<string, Tensor>, channel = 0): FilterBank[] {
  return [...parameters].flatMap(([name, { shape, data }]) => {
    if (!name.endsWith('.weight') || name.includes('/') || shape.length !== 4) return [];
    const [filters, channels, height, width] = shape as [number, number, number, number];
    const at = (filter: number, y: number, x: number): number =>
      Number(data[((filter * channels + channel) * height + y) * width + x]);
    const kernels = range(filters).map((filter) => range(height).map((y) => range(width).map((x) => at(filter, y, x))));
    return [{ layer: name.slice(0, -'.weight'.length), kernels }];
  });
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
