import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import type { PadAttributes } from '../../ops/pad.js';
import { placesAlong, placesOfTuples } from '../../ops/places.js';
import { readReduction } from '../../ops/scatter-nd.js';
import { opOf } from '../../ops/table.js';
import { normaliseAxis, sizeOf } from '../../tensor/shape.js';
import { tensor } from '../../tensor/tensor.js';
import { type Bound, computed } from '../bound.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';
import { checkConstant, composed } from './composed.js';

/** The whole tensor so many times along each axis. */
function tile(x: Value, node: NodeSource): Value {
  const repeats = node.constant(1);
  if (repeats?.length !== x.shape.length)
    throw new LegendaError(`${x.shape.length} repeats are expected, ${repeats?.length ?? 0} came`);
  const apart = x.shape.flatMap((size) => [1, size]);
  const repeated = x.shape.flatMap((size, axis) => [repeats[axis]!, size]);
  return build.reshape(
    build.expand(build.reshape(x, apart), repeated),
    x.shape.map((size, axis) => size * repeats[axis]!),
  );
}

/** Where a place beyond the ends of an axis takes its element from. */
const beyond: Readonly<Record<string, (place: number, size: number) => number>> = {
  edge: (place, size) => Math.min(Math.max(place, 0), size - 1),
  reflect: (place, size) => {
    if (size === 1) return 0;
    const turn = 2 * (size - 1);
    const within = ((place % turn) + turn) % turn;
    return Math.min(within, turn - within);
  },
  wrap: (place, size) => ((place % size) + size) % size,
};

/** Padding with elements of the tensor itself, axis by axis. */
function padWithOwn(node: NodeSource): readonly Bound[] | undefined {
  const source = beyond[node.string('mode') ?? 'constant'];
  if (source === undefined) return undefined;
  const { pads } = opOf('Pad').read(node).attributes as PadAttributes;
  const x = node.bound(0).value();
  const rank = x.shape.length;
  if (pads.length !== 2 * rank) throw new LegendaError(`${2 * rank} pads are expected, ${pads.length} came`);
  const padded = x.shape.reduce((result, size, axis) => {
    const [before, after] = [pads[axis]!, pads[rank + axis]!];
    const count = size + before + after;
    if (count < 0) throw new LegendaError(`pads [${pads}] take away more than there is`);
    checkConstant(count, 'a padded axis');
    if (before === 0 && after === 0) return result;
    if (size === 0) throw new LegendaError('there is nothing to pad with');
    const places = Array.from({ length: count }, (_, i) => source(i - before, size));
    return build.gather(result, build.constant(x, tensor('int32', [count], places)), axis);
  }, x);
  return [computed(padded)];
}

/** What is on one side of a diagonal of the last two axes, and zeros. */
function trilu(x: Value, node: NodeSource): Value {
  const upper = (node.int('upper') ?? 1) === 1;
  const k = node.inputs[1] === undefined ? 0 : (node.constant(1)?.[0] ?? 0);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  checkConstant(rows * columns, 'the triangle');
  const kept = Array.from({ length: rows * columns }, (_, i) => {
    const offset = (i % columns) - Math.floor(i / columns) - k;
    return Number(upper ? offset >= 0 : offset <= 0);
  });
  const mask = build.constant(x, tensor('bool', [rows, columns], kept));
  return x.dtype === 'bool' ? build.and(x, mask) : build.where(mask, x, 0);
}

/** Sums along an axis so far, as a product with ones on one side of the diagonal. */
function cumulativeSum(x: Value, node: NodeSource): Value {
  const axis = normaliseAxis(node.constant(1)?.[0] ?? 0, x.shape.length);
  const [exclusive, reverse] = [node.int('exclusive') === 1, node.int('reverse') === 1];
  const size = x.shape[axis]!;
  const floats = x.dtype.startsWith('float') ? x : build.cast(x, 'float64');
  checkConstant(size * size, 'the sums');
  const ones = Array.from({ length: size * size }, (_, i) => {
    const behind = (Math.floor(i / size) - (i % size)) * (reverse ? -1 : 1);
    return Number(exclusive ? behind > 0 : behind >= 0);
  });
  const summing = build.constant(x, tensor(floats.dtype, [size, size], ones));
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const sums = build.matmul(summing, build.reshape(floats, [outer, size, inner]));
  return build.cast(build.reshape(sums, x.shape), x.dtype);
}

/** The positions that indices along an axis name in the tensor, flattened. */
function placesIn(x: Value, node: NodeSource): Value {
  const indices = build.cast(node.bound(1).value(), 'int64');
  if (indices.shape.length !== x.shape.length)
    throw new LegendaError(`indices have ${indices.shape.length} axes, ${x.shape.length} are expected`);
  return placesAlong(indices, normaliseAxis(node.int('axis') ?? 0, x.shape.length), x.shape);
}

/** Along one axis, the element that each index names; the other axes' places stay. */
const gatherElements = (x: Value, node: NodeSource): Value =>
  build.gather(build.reshape(x, [sizeOf(x.shape)]), placesIn(x, node));

/** Along one axis, updates in place of what the indices name. */
function scatterElements(x: Value, node: NodeSource): Value {
  const put = readReduction(node) === 'add' ? build.scatterAdd : build.scatter;
  const places = placesIn(x, node);
  const size = sizeOf(places.shape);
  const updates = build.reshape(node.bound(2).value(), [size]);
  return build.reshape(put(build.reshape(x, [sizeOf(x.shape)]), build.reshape(places, [size, 1]), updates), x.shape);
}

/** Indices of the first axes, as tuples along their last axis. */
function gatherND(x: Value, node: NodeSource): Value {
  const batch = node.int('batch_dims') ?? 0;
  if (batch !== 0) throw new LegendaError(`batch_dims = ${batch} is not supported, only 0`);
  const indices = node.bound(1).value();
  const depth = indices.shape.at(-1) ?? 0;
  if (depth < 1 || depth > x.shape.length)
    throw new LegendaError(`indices are tuples of ${depth} for ${x.shape.length} axes`);
  const named = x.shape.slice(0, depth);
  return build.gather(build.reshape(x, [sizeOf(named), ...x.shape.slice(depth)]), placesOfTuples(indices, named));
}

export const indexing: Readonly<Record<string, Importer>> = {
  CumSum: composed(cumulativeSum),
  GatherElements: composed(gatherElements),
  GatherND: composed(gatherND),
  ScatterElements: composed(scatterElements),
  Pad: padWithOwn,
  Tile: composed(tile),
  Trilu: composed(trilu),
};
