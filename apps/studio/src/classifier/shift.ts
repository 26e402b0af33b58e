import type { Maps } from './network.js';

/** An image moved right by `dx` and down by `dy`, black where nothing was. @param pixels [side, side] */
export function shifted(pixels: Uint8ClampedArray, side: number, dx: number, dy: number): Uint8ClampedArray {
  const out = new Uint8ClampedArray(pixels.length);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [fromX, fromY] = [x - dx, y - dy];
      if (fromX >= 0 && fromX < side && fromY >= 0 && fromY < side) out[y * side + x] = pixels[fromY * side + fromX]!;
    }
  return out;
}

/** Places of maps near their edge, which see what is beyond the image. */
const margin = 2;

/**
 * How far a layer is from moving with the image: |f(moved) − moved f| over |f|, inside of the edges.
 * @param before of the image as it was @param after of the image moved by [dx, dy] pixels of `side`
 * @returns undefined where the move is no whole number of the layer's places, or nothing is left inside
 */
export function equivarianceError(
  before: Maps,
  after: Maps,
  [dx, dy]: readonly [number, number],
  side: number,
): number | undefined {
  const stride = Math.round(side / before.width);
  if (dx % stride !== 0 || dy % stride !== 0) return undefined;
  const [mx, my] = [dx / stride, dy / stride];
  let [difference, size] = [0, 0];
  for (let c = 0; c < before.channels; c++)
    for (let y = margin; y < before.height - margin; y++)
      for (let x = margin; x < before.width - margin; x++) {
        const [fromX, fromY] = [x - mx, y - my];
        if (fromX < margin || fromX >= before.width - margin || fromY < margin || fromY >= before.height - margin)
          continue;
        const at = (maps: Maps, px: number, py: number) => maps.data[(c * maps.height + py) * maps.width + px]!;
        const expected = at(before, fromX, fromY);
        difference += (at(after, x, y) - expected) ** 2;
        size += expected ** 2;
      }
  return size > 0 ? Math.sqrt(difference / size) : undefined;
}
