import { deviationOf, meanOf } from '../../metrics/spread.js';
import { meanInterval } from '../../metrics/student.js';
import type { MeasureName, Measures } from '../../train/events.js';
import type { TrialResult } from './table.js';

/** What trials that differ in nothing but their seed come to, on average. */
export interface SeedMean {
  readonly recipe: string;
  /** Of the settings, without the seed; empty where the seed is all that was varied. */
  readonly name: string;
  readonly seeds: readonly number[];
  /** By which trials are compared. */
  readonly measure: MeasureName;
  readonly validation: Spreads;
  /** Empty where the data has no test split. */
  readonly test: Spreads;
}

/** By measure. */
export type Spreads = { readonly [Name in MeasureName]?: Spread };

export interface Spread {
  readonly mean: number;
  /** Of the sample: n - 1 in the denominator. */
  readonly standardDeviation: number;
  /** The 95 % interval of the mean, by Student's t. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * Means over seeds, for all settings of a recipe that ended well with two seeds or more. Where halving trained some seeds of a
 * setting no further there is none: those that are left are its best, and no sample.
 */
export function seedMeans(results: readonly TrialResult[]): SeedMean[] {
  const groups = new Map<string, { name: string; trials: TrialResult[] }>();
  for (const result of results) {
    const name = result.name
      .split(',')
      .filter((part) => !part.startsWith('seed='))
      .join(',');
    const key = `${result.recipe}/${name}`;
    groups.set(key, { name, trials: [...(groups.get(key)?.trials ?? []), result] });
  }
  return [...groups.values()].flatMap(({ name, trials }) => {
    const ended = trials.filter(hasEndedWell);
    const [first] = ended;
    if (first === undefined || ended.length < 2 || trials.some(isHeld)) return [];
    return {
      recipe: first.recipe,
      name,
      seeds: ended.map(({ seed }) => seed),
      measure: first.measure,
      validation: spreadsOf(ended.map(({ validation }) => validation)),
      test: spreadsOf(ended.map(({ test }) => test)),
    };
  });
}

const hasEndedWell = ({ validation, state }: TrialResult): boolean =>
  validation !== null && (state === 'done' || state === 'stopped-early');

const isHeld = ({ state }: TrialResult): boolean => state === 'halted' || state === 'paused';

/** Of the measures that all have. */
function spreadsOf(all: readonly (Measures | null)[]): Spreads {
  const names = Object.keys(all[0] ?? {}) as MeasureName[];
  const common = names.filter((name) => all.every((measures) => measures?.[name] !== undefined));
  return Object.fromEntries(common.map((name) => [name, spreadOf(all.map((measures) => measures![name]!))]));
}

const spreadOf = (values: readonly number[]): Spread => ({
  mean: meanOf(values),
  standardDeviation: deviationOf(values),
  interval: meanInterval(values),
});
