/** A shift downwards and rightwards, in pixels. */
export type Shift = readonly [down: number, right: number];

/** All shifts by at most `most` either way, row by row. */
export const shiftsUpTo = (most: number): Shift[] => {
  const along = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  return along.flatMap((down) => along.map((right): Shift => [down, right]));
};

/** Planes [count, height, width] moved, zeros where nothing comes from. */
export function shiftPlanes(planes: Float32Array, height: number, width: number, [down, right]: Shift): Float32Array {
  const moved = new Float32Array(planes.length);
  const [from, to] = [Math.max(0, -right), Math.min(width, width - right)];
  if (from >= to) return moved;
  for (let plane = 0; plane < planes.length; plane += height * width)
    for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
      const row = plane + (y - down) * width;
      moved.set(planes.subarray(row + from, row + to), plane + y * width + from + right);
    }
  return moved;
}
