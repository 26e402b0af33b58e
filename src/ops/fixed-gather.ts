import type { Value } from '../graph/graph.js';
import { normaliseAxis } from '../tensor/shape.js';
import { tensor, toNumbers, zeros } from '../tensor/tensor.js';
import { concat, constant, gather, reduceSum, reshape } from './build.js';

/**
 * Gradient of a Gather whose indices are fixed when the graph is built: every row of x gathers, and adds, the cotangents
 * of the places it went to. Gathering runs in parallel and needs no atomic additions, unlike scattering.
 *
 * @returns nothing when the indices are computed, or when so few rows are used so often that the table would be sparse
 */
export function fixedGatherGradient(
  x: Value,
  indices: Value,
  g: Value,
  attributes: { readonly axis: number },
): Value | undefined {
  if (indices.source.kind !== 'constant') return undefined;
  const axis = normaliseAxis(attributes.axis, x.shape.length);
  const rows = x.shape[axis]!;
  const taken = toNumbers(indices.source.tensor).map((index) => (index < 0 ? index + rows : index));
  const uses: number[][] = Array.from({ length: rows }, () => []);
  taken.forEach((row, place) => {
    uses[row]!.push(place);
  });
  const width = uses.reduce((most, places) => Math.max(most, places.length), 1);
  if (width * rows > 4 * taken.length + 64) return undefined;

  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  let cotangents = reshape(g, [...outer, taken.length, ...inner]);
  if (uses.some((places) => places.length < width)) {
    const none = constant(g, zeros({ dtype: g.dtype, shape: [...outer, 1, ...inner] }));
    cotangents = concat([cotangents, none], axis);
  }
  const table = new Int32Array(rows * width).fill(taken.length);
  uses.forEach((places, row) => {
    places.forEach((place, i) => {
      table[i * rows + row] = place;
    });
  });
  // the axis that is summed comes first: whole rows are added
  const shape = width === 1 ? [rows] : [width, rows];
  const gathered = gather(cotangents, constant(g, tensor('int32', shape, table)), axis);
  return width === 1 ? gathered : reduceSum(gathered, { axes: [axis] });
}
