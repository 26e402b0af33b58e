import { deviationOf, meanOf } from '../metrics/spread.js';
import type { MeasureName, Measures } from '../train/events.js';
import type { TrialResult } from './sweep.js';

/** What trials that differ in nothing but their seed come to, on average. */
export interface SeedMean {
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
}

/** Means over seeds, for all settings that ended well with two seeds or more. */
export function seedMeans(results: readonly TrialResult[]): SeedMean[] {
  const groups = new Map<string, TrialResult[]>();
  for (const result of results) {
    if (result.validation === null || (result.state !== 'done' && result.state !== 'stopped-early')) continue;
    const name = result.name
      .split(',')
      .filter((part) => !part.startsWith('seed='))
      .join(',');
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return [...groups]
    .filter(([, group]) => group.length > 1)
    .map(([name, group]) => ({
      name,
      seeds: group.map(({ seed }) => seed),
      measure: group[0]!.measure,
      validation: spreadsOf(group.map(({ validation }) => validation)),
      test: spreadsOf(group.map(({ test }) => test)),
    }));
}

/** Of the measures that all have. */
function spreadsOf(all: readonly (Measures | null)[]): Spreads {
  const names = Object.keys(all[0] ?? {}) as MeasureName[];
  const common = names.filter((name) => all.every((measures) => measures?.[name] !== undefined));
  return Object.fromEntries(common.map((name) => [name, spreadOf(all.map((measures) => measures![name]!))]));
}

const spreadOf = (values: readonly number[]): Spread => ({
  mean: meanOf(values),
  standardDeviation: deviationOf(values),
});
