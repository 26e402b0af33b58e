import type { Shape } from '../../tensor/shape.js';
import type { Extent, Geometry } from './geometry.js';
import { type Shift, shiftPlanes } from './shift.js';

/** A layer's images, [N, C, H, W]. */
export interface Planes {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * How far a layer is from equivariance under a shift: the largest difference between its output for the shifted input and
 * its shifted output, over the output's largest value. Only places count whose window lies within the picture before and after.
 * Where the stride does not divide the shift, the output is shifted by the nearest whole number of places.
 *
 * @param plain output for the input as it is
 * @param shifted output for the shifted input, of the same shape
 * @param input height and width of the input
 * @returns undefined when the shift leaves no such place
 */
export function equivarianceError(
  plain: Planes,
  shifted: Planes,
  [rows, columns]: Geometry,
  input: readonly [number, number],
  [down, right]: Shift,
): number | undefined {
  const [, , height, width] = plain.shape as [number, number, number, number];
  const moves: Shift = [Math.round(down / rows.stride), Math.round(right / columns.stride)];
  const expected = shiftPlanes(plain.data, height, width, moves);
  const ys = interior(rows, height, input[0], down, moves[0]);
  const xs = interior(columns, width, input[1], right, moves[1]);
  if (ys.length === 0 || xs.length === 0) return undefined;
  let largest = 0;
  for (let plane = 0; plane < expected.length; plane += height * width)
    for (const y of ys)
      for (const x of xs) {
        const at = plane + y * width + x;
        largest = Math.max(largest, Math.abs(expected[at]! - shifted.data[at]!));
      }
  const scale = plain.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return scale === 0 ? largest : largest / scale;
}

/** Places along an axis whose window saw only what was in the picture, before the shift and after. */
function interior(
  { size, stride, pad }: Extent,
  places: number,
  length: number,
  shift: number,
  move: number,
): number[] {
  const within = (place: number, low: number, high: number): boolean => {
    const start = place * stride - pad;
    return start >= low && start + size <= high;
  };
  return Array.from({ length: places }, (_, place) => place).filter(
    (place) =>
      within(place, Math.max(0, shift), length + Math.min(0, shift)) &&
      place - move >= 0 &&
      place - move < places &&
      within(place - move, 0, length),
  );
}
