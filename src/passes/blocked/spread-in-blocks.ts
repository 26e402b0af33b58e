import type { Node, Value } from '../../graph/graph.js';
import { wholeBlocks } from '../../ops/blocked/layout.js';
import { concat, constant, reshape, slice, transpose } from '../../ops/build.js';
import type { ConvTransposeAttributes } from '../../ops/conv.js';
import { zeros } from '../../tensor/tensor.js';
import { convolveInBlocks, fillsBlocks, filterInBlocks } from './convolve-in-blocks.js';

/** What one of `stride` interleaved results along an axis takes: taps from `first` on, every stride-th. */
interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/** Whether a transposed convolution, the way back through a strided one, can be computed in blocks. */
export function spreadSuitsBlocks(node: Node, block: number): boolean {
  const [x, w] = node.inputs;
  const channels = node.outputs[0]!.shape[1]!;
  if (x!.dtype !== 'float32' || x!.shape.length !== 4 || x!.shape.includes(0)) return false;
  const { group, dilations, strides } = node.attributes as ConvTransposeAttributes;
  const [filters, perGroup] = w!.shape as [number, number];
  if (dilations.some((d) => d !== 1) || strides.every((s) => s === 1)) return false;
  const depthwise = group > 1 && perGroup === 1 && filters === group;
  if (!(depthwise || group === 1)) return false;
  if (!(fillsBlocks(filters, block) && fillsBlocks(channels, block))) return false;
  return [0, 1].every((axis) => phasesOf(node, axis).every(({ before, after }) => before >= 0 && after >= 0));
}

/**
 * A transposed convolution as one convolution for every phase of its stride, their results interleaved: no zeros are
 * multiplied.
 * @param x as `readsPlain` says
 * @returns in blocks
 */
export function spreadInBlocks(node: Node, x: Value, w: Value, block: number): Value {
  const { group } = node.attributes as ConvTransposeAttributes;
  const [n, channels, height, width] = node.outputs[0]!.shape as [number, number, number, number];
  const held = wholeBlocks(channels, block);
  const back = group === 1 ? transpose(w, [1, 0, 2, 3]) : w;
  const [rows, columns] = [phasesOf(node, 0), phasesOf(node, 1)];
  const [stepY, stepX] = [rows.length, columns.length];
  const size = [Math.ceil(height / stepY), Math.ceil(width / stepX)] as const;
  const parts = rows.map((row) => {
    const across = columns.map((column) => {
      const part =
        row.taps === 0 || column.taps === 0
          ? constant(x, zeros({ dtype: 'float32', shape: [n, held, ...size] }))
          : phase(x, back, row, column, [stepY, stepX], group, block);
      return reshape(part, [(n * held * size[0] * size[1]) / block, block]);
    });
    return reshape(concat(across, 1), [(n * held * size[0]) / block, size[1] * stepX * block]);
  });
  const all = concat(parts, 1);
  const whole = [size[0] * stepY, size[1] * stepX] as const;
  if (whole[0] === height && whole[1] === width) return reshape(all, [n, held, height, width]);
  const cut = slice(reshape(all, [n, held / block, ...whole, block]), [0, 0], [height, width], [2, 3]);
  return reshape(cut, [n, held, height, width]);
}

function phase(
  x: Value,
  w: Value,
  row: Phase,
  column: Phase,
  steps: readonly [number, number],
  group: number,
  block: number,
): Value {
  const last = [row, column].map(({ first, taps }, axis) => first + steps[axis]! * (taps - 1));
  const ends = [row, column]
    .map(({ first }, axis) => first - steps[axis]!)
    .map((end, axis) => (end < 0 ? -w.shape[axis + 2]! - 1 : end));
  const kernel = slice(w, last, ends, [2, 3], [-steps[0], -steps[1]]);
  const pads = [row.before, column.before, row.after, column.after];
  const attributes = { strides: [1, 1], pads, dilations: [1, 1], group };
  return convolveInBlocks(x, filterInBlocks(kernel, attributes, block), undefined, attributes, block);
}

/** By the positions of the result modulo the stride. */
function phasesOf({ inputs: [x, w], outputs: [y], attributes }: Node, axis: number): Phase[] {
  const { strides, pads } = attributes as ConvTransposeAttributes;
  const stride = strides[axis]!;
  const [kernel, given] = [w!.shape[axis + 2]!, x!.shape[axis + 2]!];
  const size = Math.ceil(y!.shape[axis + 2]! / stride);
  return Array.from({ length: stride }, (_, position) => {
    const first = (position + pads[axis]!) % stride;
    const taps = Math.max(0, Math.ceil((kernel - first) / stride));
    if (taps === 0) return { first, taps, before: 0, after: 0 };
    const before = taps - 1 - (position + pads[axis]! - first) / stride;
    return { first, taps, before, after: size + taps - 1 - given - before };
  });
}
