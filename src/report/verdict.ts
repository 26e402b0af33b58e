import { deviationOf } from '../metrics/spread.js';
import { normalQuantile, studentQuantile } from '../metrics/student.js';

/** What can be said of a result beside the report's. */
export type Verdict = 'better' | 'within noise' | 'worse' | 'not comparable';

export interface Comparison {
  /** Here minus there; undefined where one of them is missing, NaN where one is not finite. */
  readonly difference: number | undefined;
  /** Half-width of the difference's 95 % interval if chance alone made it; undefined where it is not known. */
  readonly noise: number | undefined;
  /** Undefined where nothing can be said: without both numbers, or without the noise. */
  readonly verdict: Verdict | undefined;
}

export interface Compared {
  readonly here: number | undefined;
  readonly there: number | undefined;
  readonly noise: number | undefined;
  readonly better: 'higher' | 'lower';
  /** Whether both measure the same thing. */
  readonly comparable: boolean;
}

export function compare({ here, there, noise, better, comparable }: Compared): Comparison {
  const difference = here === undefined || there === undefined ? undefined : here - there;
  if (difference === undefined || !Number.isFinite(difference)) return { difference, noise, verdict: undefined };
  if (!comparable) return { difference, noise: undefined, verdict: 'not comparable' };
  const isKnown = noise !== undefined && Number.isFinite(noise);
  return { difference, noise, verdict: isKnown ? verdictOn(difference, noise, better) : undefined };
}

function verdictOn(difference: number, noise: number, better: 'higher' | 'lower'): Verdict {
  if (Math.abs(difference) <= noise) return 'within noise';
  return difference > 0 === (better === 'higher') ? 'better' : 'worse';
}

/** Of counts, which have no noise. */
export const sameness = (here: number, there: number): 'the same' | 'not the same' =>
  here === there ? 'the same' : 'not the same';

/** Half-widths of independent 95 % intervals, together; undefined when there are none. */
export function inQuadrature(...halfWidths: readonly (number | undefined)[]): number | undefined {
  const known = halfWidths.filter((width) => width !== undefined);
  return known.length === 0 ? undefined : Math.hypot(...known);
}

/** What the images leave to chance in one accuracy. @param share of right answers, of `images` images */
export const binomialNoise = (share: number, images: number): number =>
  normalQuantile * Math.sqrt((share * (1 - share)) / images);

/**
 * What the images leave to chance between two accuracies, each on images of its own.
 * @param here share of right answers, of `images` images
 * @param there the same, of `imagesThere` images
 */
export const imageNoise = (here: number, images: number, there: number, imagesThere: number): number =>
  Math.hypot(binomialNoise(here, images), binomialNoise(there, imagesThere));

/** What seeds leave to chance between the mean of these values and one value from elsewhere; undefined with fewer than two. */
export function seedNoise(values: readonly number[]): number | undefined {
  const number = values.length;
  if (number < 2) return undefined;
  return studentQuantile(number - 1) * deviationOf(values) * Math.sqrt(1 + 1 / number);
}

/** What the images leave to chance between two scores of which only one has a bootstrap interval: the other's is taken to be as wide. */
export const intervalNoise = ([low, high]: readonly [number, number]): number => (Math.SQRT2 * (high - low)) / 2;
