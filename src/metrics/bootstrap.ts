import { UsageError } from '../errors.js';
import { integer, stream } from '../tensor/random.js';

/** A range that holds the true value with the confidence it was made for. */
export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  /** Samples drawn; 1000 by default. */
  readonly resamples?: number;
  /** In (0, 1); 0.95 by default. */
  readonly confidence?: number;
  /** Of the drawing; 0 by default. */
  readonly seed?: number;
}

/**
 * Percentile bootstrap intervals (Efron, 1979) of scores of `count` items: the scores of as many items drawn with
 * replacement, again and again.
 *
 * @param count items, from 1
 * @param scoresOf the items with these numbers, some of them several times; always as many scores
 * @returns an interval for each score
 * @throws UsageError when a number is out of range
 */
export function bootstrapIntervals(
  count: number,
  scoresOf: (items: Uint32Array) => readonly number[],
  { resamples = 1000, confidence = 0.95, seed = 0 }: BootstrapOptions = {},
): Interval[] {
  for (const [name, value] of Object.entries({ count, resamples }))
    if (!(Number.isSafeInteger(value) && value >= 1))
      throw new UsageError(`${name}: a whole number from 1 is expected, ${value} came`);
  if (!(confidence > 0 && confidence < 1))
    throw new UsageError(`confidence: a number between 0 and 1 is expected, ${confidence} came`);
  const random = stream(seed, 'bootstrap');
  const drawn = new Uint32Array(count);
  const samples = Array.from({ length: resamples }, () => {
    for (let i = 0; i < count; i++) drawn[i] = integer(random, 0, count - 1);
    return scoresOf(drawn);
  });
  const tail = Math.floor(((1 - confidence) / 2) * resamples);
  return samples[0]!.map((_, k) => {
    const scores = Float64Array.from(samples, (sample) => sample[k]!).sort();
    return [scores[tail]!, scores[resamples - 1 - tail]!];
  });
}

/** The interval of a single score. */
export const bootstrapInterval = (
  count: number,
  score: (items: Uint32Array) => number,
  options?: BootstrapOptions,
): Interval => bootstrapIntervals(count, (items) => [score(items)], options)[0]!;
