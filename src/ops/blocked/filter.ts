import type { Value } from '../../graph/graph.js';
import type { Shape } from '../../tensor/shape.js';
import { pad, reshape, transpose } from '../build.js';
import { wholeBlocks } from './layout.js';

/** How a filter [M, C/group, kH, kW] is held; what its convolution reads decides that. */
export type FilterForm =
  /** Of images in blocks: [M/b, C/b, kH, kW, b of C, b of M]. */
  | 'blocks'
  /** Of plain images of fewer channels than a block: [M/b, C, kH, kW, b of M]. */
  | 'plain'
  /** Of every channel by itself: [M/b, kH, kW, b of M]. */
  | 'depthwise';

export const filterForm = (weight: Shape, group: number, block: number): FilterForm => {
  if (group > 1) return 'depthwise';
  return weight[1]! < block ? 'plain' : 'blocks';
};

/** A filter as the convolution in blocks takes it, missing channels as zeros: the order of `FilterForm`, said to be [M, C/group, kH, kW]. */
export function blockFilter(filter: Value, form: FilterForm, block: number): Value {
  const [filters, channels, ...kernel] = filter.shape as [number, number, number, number];
  const held = wholeBlocks(filters, block);
  const read = form === 'blocks' ? wholeBlocks(channels, block) : channels;
  const whole = pad(filter, [0, 0, 0, 0, held - filters, read - channels, 0, 0]);
  const taps = kernel[0]! * kernel[1]!;
  // as an image whose channels are the filters: ONNX Runtime reorders these much quicker than it transposes
  const [inBlocks] = filter.graph.apply('ReorderInput', [reshape(whole, [1, held, read, taps])], { block });
  const shape = [held, read, ...kernel];
  if (form !== 'blocks' || taps === 1) return reshape(inBlocks!, shape);
  const apart = reshape(inBlocks!, [(held * read) / block ** 2, block, taps, block]);
  return reshape(transpose(apart, [0, 2, 1, 3]), shape);
}

/** The inverse, for the reference. @param shape of the filter as it is held */
export function plainFilter(data: Float64Array, shape: Shape, form: FilterForm, block: number): Float64Array {
  const [filters, channels, height, width] = shape as [number, number, number, number];
  const inner = form === 'blocks' ? block : 1;
  const taps = height * width;
  const result = new Float64Array(data.length);
  let at = 0;
  for (let outer = 0; outer < filters; outer += block) {
    for (let first = 0; first < channels; first += inner) {
      for (let tap = 0; tap < taps; tap++) {
        for (let channel = first; channel < first + inner; channel++) {
          for (let filter = outer; filter < outer + block; filter++)
            result[(filter * channels + channel) * taps + tap] = data[at++]!;
        }
      }
    }
  }
  return result;
}
