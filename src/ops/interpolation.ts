/** How Resize makes one axis of another size: every new place is a weighted mean of old ones. */

export type ResizeMode = 'nearest' | 'linear' | 'cubic';

export const coordinateModes = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] as const;
export type CoordinateMode = (typeof coordinateModes)[number];

export const nearestModes = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;
export type NearestMode = (typeof nearestModes)[number];

/** One axis. */
export interface Interpolation {
  readonly mode: ResizeMode;
  readonly coordinates: CoordinateMode;
  readonly nearest: NearestMode;
  /** Coefficient of the cubic. */
  readonly cubic: number;
  /** Whether the cubic leaves out what lies beyond the ends; otherwise the ends go on there. */
  readonly excludeOutside: boolean;
  readonly from: number;
  readonly to: number;
  /** New size by old, before it is rounded. */
  readonly scale: number;
}

/** An old place and its weight. */
export type Share = readonly [place: number, weight: number];

/** For every new place, the old ones that make it up; one may come twice. */
export const sharesOf = (axis: Interpolation): Share[][] =>
  Array.from({ length: axis.to }, (_, place) => sharesAt(placeBefore(place, axis), axis));

/** In single precision, as runtimes compute it: whole and half places come out as theirs. */
function placeBefore(place: number, { coordinates, from, to, scale: given }: Interpolation): number {
  const scale = Math.fround(given);
  const inMiddle = (of: number): number => Math.fround(Math.fround((place + 0.5) / scale) - 0.5 + of);
  if (coordinates === 'half_pixel') return inMiddle(0);
  if (coordinates === 'half_pixel_symmetric') {
    // what rounding took from the new size is taken from both ends
    return inMiddle((from / 2) * (1 - to / (scale * from)));
  }
  if (coordinates === 'pytorch_half_pixel') return to > 1 ? inMiddle(0) : 0;
  if (coordinates === 'asymmetric') return Math.fround(place / scale);
  return to === 1 ? 0 : Math.fround((place * (from - 1)) / (to - 1));
}

function sharesAt(x: number, axis: Interpolation): Share[] {
  const last = axis.from - 1;
  const within = (place: number): number => Math.min(Math.max(place, 0), last);
  if (axis.mode === 'nearest') return [[within(nearestTo(x, axis.nearest)), 1]];
  if (axis.mode === 'linear') {
    const at = within(x);
    const low = Math.floor(at);
    const part = at - low;
    const lower: Share = [low, 1 - part];
    return part === 0 ? [lower] : [lower, [low + 1, part]];
  }
  const low = Math.floor(x);
  const shares = cubicWeights(x - low, axis.cubic).map((weight, i): Share => [low - 1 + i, weight]);
  if (!axis.excludeOutside) return shares.map(([place, weight]) => [within(place), weight]);
  const inside = shares.filter(([place]) => place === within(place));
  const whole = inside.reduce((sum, [, weight]) => sum + weight, 0);
  return inside.map(([place, weight]) => [place, weight / whole]);
}

function nearestTo(x: number, mode: NearestMode): number {
  if (mode === 'floor') return Math.floor(x);
  if (mode === 'ceil') return Math.ceil(x);
  return mode === 'round_prefer_floor' ? Math.ceil(x - 0.5) : Math.floor(x + 0.5);
}

/** Of the four places around one that lies `t` behind the second (Keys, 1981). */
function cubicWeights(t: number, a: number): number[] {
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}
