import type { Attributes, Node, Value } from '../../graph/graph.js';
import { blockFilter, filterForm } from '../../ops/blocked/filter.js';
import { channelStep } from '../../ops/blocked/reorder.js';
import { pad } from '../../ops/build.js';
import type { ConvAttributes } from '../../ops/conv.js';

/** Multiplications, from which what it takes to reorder is little beside them. */
export const leastProducts = 2 ** 18;

/** Whether a convolution can be computed in blocks, and gains by it. */
export function suitsBlocks({ inputs: [x, w], outputs: [y], attributes }: Node, block: number, least: number): boolean {
  if (x!.dtype !== 'float32' || x!.shape.length !== 4 || y!.shape.includes(0)) return false;
  const { group } = attributes as ConvAttributes;
  const [filters, channels, height, width] = w!.shape as [number, number, number, number];
  const [n, , ...places] = y!.shape as [number, number, number, number];
  if (n * places[0]! * places[1]! * height * width * channels * filters < least) return false;
  if (group > 1) return channels === 1 && filters === group && fillsBlocks(filters, block);
  return (channels < block || fillsBlocks(channels, block)) && filters * 2 >= block;
}

/** Whether channels can be reordered, which goes by fours, and fill at least half of their blocks. */
export const fillsBlocks = (channels: number, block: number): boolean =>
  channels % channelStep === 0 && channels * 2 >= block;

/** Whether a convolution, or a transposed one, reads fewer channels than a block has: ONNX Runtime takes them as they are. */
export const readsPlain = ({ inputs: [x], attributes }: Node, block: number): boolean =>
  attributes['group'] === 1 && x!.shape[1]! < block;

/** @param filter [M, C/group, kH, kW] */
export const filterInBlocks = (filter: Value, { group }: Attributes, block: number): Value =>
  blockFilter(filter, filterForm(filter.shape, group as number, block), block);

/** @param x in blocks, or plain where it has fewer channels than one @param filter as `filterInBlocks` gives it */
export function convolveInBlocks(
  x: Value,
  filter: Value,
  b: Value | undefined,
  attributes: Attributes,
  block: number,
): Value {
  const held = filter.shape[0]!;
  const bias = b === undefined ? [] : [pad(b, [0, held - b.shape[0]!])];
  const each = { ...attributes, block, group: attributes['group'] === 1 ? 1 : held };
  return x.graph.apply('NchwcConv', [x, filter, ...bias], each)[0]!;
}
