/** Where elements stand in a tensor that is laid out row by row, computed in the graph. */
import type { Value } from '../graph/graph.js';
import { type Shape, stridesOf } from '../tensor/shape.js';
import { tensor } from '../tensor/tensor.js';
import { add, constant, less, mul, reduceSum, squeeze, where } from './build.js';

const whole = (like: Value, shape: Shape, values: readonly number[]): Value =>
  constant(like, tensor('int64', shape, values));

/** Indices that may count from an axis's end, from its beginning. @param sizes of what they are indices into; broadcasts */
const fromBeginning = (indices: Value, sizes: Value): Value => where(less(indices, 0), add(indices, sizes), indices);

/** Tuples of indices into axes of the given sizes, int64 [..., k], as positions [...]. */
export function placesOfTuples(indices: Value, sizes: Shape): Value {
  const last = indices.shape.length - 1;
  if (sizes.length === 1) return squeeze(indices, [last]);
  const found = fromBeginning(indices, whole(indices, [sizes.length], sizes));
  return reduceSum(mul(found, whole(indices, [sizes.length], stridesOf(sizes))), { axes: [last] });
}

/** Indices along one axis of a tensor of `shape`, each at its own place of the other axes, int64, as positions. */
export function placesAlong(indices: Value, axis: number, shape: Shape): Value {
  const strides = stridesOf(shape);
  const found = fromBeginning(indices, whole(indices, [], [shape[axis]!]));
  return indices.shape.reduce(
    (places, size, other) => {
      if (other === axis || size === 1) return places;
      const along = indices.shape.map((_, a) => (a === other ? size : 1));
      const starts = Array.from({ length: size }, (_, i) => i * strides[other]!);
      return add(places, whole(indices, along, starts));
    },
    mul(found, whole(indices, [], [strides[axis]!])),
  );
}
