import { UsageError } from '../../errors.js';

/** A rectangle of pixels; x to the right and y downwards from the upper left corner. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How an image is cut into windows. */
export interface Tiling {
  /** Side of a window in pixels, from 1. */
  readonly tile: number;
  /** Pixels that neighbouring windows share, from 0 to `tile` − 1. */
  readonly overlap: number;
}

type Size = Pick<Window, 'width' | 'height'>;

/**
 * Windows that cover an image, row by row. They start at multiples of `tile` − `overlap`; the last of a row and of a column is
 * moved back so that it ends at the edge and is as large as the others. Where the image is smaller than a tile, windows are as
 * large as the image.
 * @throws UsageError when the tiling is impossible
 */
export function* windowsOf(size: Size, tiling: Tiling): Generator<Window, undefined> {
  const count = windowCount(size, tiling);
  for (let index = 0; index < count; index++) yield windowAt(size, tiling, index);
}

/** How many windows there are. @throws UsageError when the tiling is impossible, or there are more than can be numbered */
export function windowCount(size: Size, tiling: Tiling): number {
  const { across, down } = grid(size, tiling);
  return across * down;
}

/**
 * The window of an index in the order of `windowsOf`, at once.
 * @throws UsageError when there is no such window
 */
export function windowAt(size: Size, tiling: Tiling, index: number): Window {
  const { across, down, step } = grid(size, tiling);
  if (!Number.isSafeInteger(index) || index < 0 || index >= across * down) {
    throw new UsageError(`a window from 0 to ${across * down - 1} was expected, ${index} came`);
  }
  const width = Math.min(tiling.tile, size.width);
  const height = Math.min(tiling.tile, size.height);
  return {
    x: Math.min((index % across) * step, size.width - width),
    y: Math.min(Math.floor(index / across) * step, size.height - height),
    width,
    height,
  };
}

function grid({ width, height }: Size, { tile, overlap }: Tiling) {
  if (!Number.isSafeInteger(tile) || tile < 1) {
    throw new UsageError(`tile: a whole number of pixels from 1 was expected, ${tile} came`);
  }
  if (!Number.isSafeInteger(overlap) || overlap < 0 || overlap >= tile) {
    throw new UsageError(
      `overlap: a whole number from 0 to ${tile - 1} was expected (tiles of ${tile}), ${overlap} came`,
    );
  }
  for (const side of [width, height]) {
    if (Number.isSafeInteger(side) && side >= 1) continue;
    throw new UsageError(`an image of at least one pixel was expected, one of ${width}×${height} came`);
  }
  const step = tile - overlap;
  const along = (length: number): number => Math.ceil(Math.max(0, length - tile) / step) + 1;
  const [across, down] = [along(width), along(height)];
  if (!Number.isSafeInteger(across * down)) {
    throw new UsageError(
      `an image of ${width}×${height} has too many tiles of ${tile} with an overlap of ${overlap}: ${across}×${down}`,
    );
  }
  return { across, down, step };
}
