import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import * as build from '../../ops/build.js';
import { normaliseAxis, type Shape, sizeOf, stridesOf } from '../../tensor/shape.js';
import { tensor } from '../../tensor/tensor.js';
import type { Importer } from '../importer.js';
import type { NodeSource } from '../node-source.js';
import { composed } from './composed.js';

const whole = (like: Value, shape: Shape, values: readonly number[]): Value =>
  build.constant(like, tensor('int64', shape, values));

/** Indices that count from an axis's end, from its beginning. @param sizes of what they are indices into; broadcasts */
const fromBeginning = (indices: Value, sizes: Value): Value =>
  build.where(build.less(indices, 0), build.add(indices, sizes), indices);

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

/** What is on one side of a diagonal of the last two axes, and zeros. */
function trilu(x: Value, node: NodeSource): Value {
  const upper = (node.int('upper') ?? 1) === 1;
  const k = node.inputs[1] === undefined ? 0 : (node.constant(1)?.[0] ?? 0);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const kept = Array.from({ length: rows * columns }, (_, i) => {
    const beyond = (i % columns) - Math.floor(i / columns) - k;
    return Number(upper ? beyond >= 0 : beyond <= 0);
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
  const ones = Array.from({ length: size * size }, (_, i) => {
    const behind = (Math.floor(i / size) - (i % size)) * (reverse ? -1 : 1);
    return Number(exclusive ? behind > 0 : behind >= 0);
  });
  const summing = build.constant(x, tensor(floats.dtype, [size, size], ones));
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const sums = build.matmul(summing, build.reshape(floats, [outer, size, inner]));
  return build.cast(build.reshape(sums, x.shape), x.dtype);
}

/** Along one axis, the element that each index names; the other axes' places stay. */
function gatherElements(x: Value, node: NodeSource): Value {
  const given = node.bound(1).value();
  const indices = build.cast(given, 'int64');
  const axis = normaliseAxis(node.int('axis') ?? 0, x.shape.length);
  const { shape } = indices;
  if (shape.length !== x.shape.length)
    throw new LegendaError(`indices have ${shape.length} axes, ${x.shape.length} are expected`);
  const strides = stridesOf(x.shape);
  let places = build.mul(fromBeginning(indices, whole(x, [], [x.shape[axis]!])), whole(x, [], [strides[axis]!]));
  shape.forEach((size, other) => {
    if (other === axis || size === 1) return;
    const along = shape.map((_, a) => (a === other ? size : 1));
    const starts = Array.from({ length: size }, (_, i) => i * strides[other]!);
    places = build.add(places, whole(x, along, starts));
  });
  return build.gather(build.reshape(x, [sizeOf(x.shape)]), places);
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
  const rest = x.shape.slice(depth);
  const places = build.mul(fromBeginning(indices, whole(x, [depth], named)), whole(x, [depth], stridesOf(named)));
  return build.gather(
    build.reshape(x, [sizeOf(named), ...rest]),
    build.reduceSum(places, { axes: [indices.shape.length - 1] }),
  );
}

export const indexing: Readonly<Record<string, Importer>> = {
  CumSum: composed(cumulativeSum),
  GatherElements: composed(gatherElements),
  GatherND: composed(gatherND),
  Tile: composed(tile),
  Trilu: composed(trilu),
};
