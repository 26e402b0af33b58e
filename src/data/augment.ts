import { UsageError } from '../errors.js';
import { integer, type Stream, uniform } from '../tensor/random.js';

/** Random changes to a training image; each is off unless given. */
export interface Augmentation {
  /** Probability of a horizontal flip. */
  readonly flip?: number;
  /** Shift by up to this many pixels each way, uniformly; what comes in is black. */
  readonly shift?: number;
  /** Random erasing (Zhong et al., 2017; arXiv:1708.04896): a rectangle becomes 0. */
  readonly erase?: {
    readonly probability: number;
    /** Part of the image's area, uniform; `[0.02, 0.33]` by default. */
    readonly area?: readonly [low: number, high: number];
    /** Height over width, log-uniform; `[0.3, 3.3]` by default. */
    readonly aspect?: readonly [low: number, high: number];
  };
  /** Cutout (DeVries and Taylor, 2017; arXiv:1708.04552): a square of this side, centred anywhere, becomes 0. */
  readonly cutout?: number;
}

export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** What was drawn for one image. */
export interface Change {
  readonly flip: boolean;
  /** Down and to the right, in pixels. */
  readonly dy: number;
  readonly dx: number;
  readonly holes: readonly Rectangle[];
}

/** @throws UsageError naming the setting that is out of range */
export function checkAugmentation({ flip, shift, erase, cutout }: Augmentation, height: number, width: number): void {
  const side = Math.min(height, width);
  checkNumber('flip', flip, 0, 1);
  checkNumber('shift', shift, 0, side - 1, true);
  checkNumber('cutout', cutout, 0, side, true);
  checkNumber('erase.probability', erase?.probability, 0, 1);
  checkRange('erase.area', erase?.area, 1);
  checkRange('erase.aspect', erase?.aspect, Number.MAX_VALUE);
}

export function drawChange(random: Stream, settings: Augmentation, height: number, width: number): Change {
  const { flip = 0, shift = 0, erase, cutout = 0 } = settings;
  const flipped = flip > 0 && uniform(random) < flip;
  const dy = shift > 0 ? integer(random, -shift, shift) : 0;
  const dx = shift > 0 ? integer(random, -shift, shift) : 0;
  const holes: Rectangle[] = [];
  if (erase && uniform(random) < erase.probability) holes.push(drawRectangle(random, erase, height, width));
  if (cutout > 0) holes.push(drawSquare(random, cutout, height, width));
  return { flip: flipped, dy, dx, holes };
}

function drawRectangle(
  random: Stream,
  { area = [0.02, 0.33], aspect = [0.3, 3.3] }: NonNullable<Augmentation['erase']>,
  height: number,
  width: number,
): Rectangle {
  const pixels = between(random, area[0], area[1]) * height * width;
  const ratio = Math.exp(between(random, Math.log(aspect[0]), Math.log(aspect[1])));
  // Clipped where the paper draws again: the number of draws, and so the time, stays fixed.
  const h = Math.min(height, Math.max(1, Math.round(Math.sqrt(pixels * ratio))));
  const w = Math.min(width, Math.max(1, Math.round(Math.sqrt(pixels / ratio))));
  const top = integer(random, 0, height - h);
  const left = integer(random, 0, width - w);
  return { top, left, bottom: top + h, right: left + w };
}

function drawSquare(random: Stream, side: number, height: number, width: number): Rectangle {
  const top = integer(random, 0, height - 1) - (side >> 1);
  const left = integer(random, 0, width - 1) - (side >> 1);
  return {
    top: Math.max(0, top),
    left: Math.max(0, left),
    bottom: Math.min(height, top + side),
    right: Math.min(width, left + side),
  };
}

const between = (random: Stream, low: number, high: number): number => low + (high - low) * uniform(random);

function checkNumber(name: string, value: number | undefined, low: number, high: number, whole = false): void {
  if (value === undefined || (value >= low && value <= high && (!whole || Number.isInteger(value)))) return;
  throw new UsageError(`augment.${name} must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}, got ${value}`);
}

function checkRange(name: string, range: readonly [number, number] | undefined, high: number): void {
  if (!range || (range[0] > 0 && range[1] >= range[0] && range[1] <= high)) return;
  throw new UsageError(`augment.${name} must be [low, high] with 0 < low <= high <= ${high}, got [${range}]`);
}
