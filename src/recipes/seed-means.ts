import type { TrialResult } from './sweep.js';

/** What trials that differ in nothing but their seed come to, on average. */
export interface SeedMean {
  /** Of the settings, without the seed; empty where the seed is all that was varied. */
  readonly name: string;
  readonly seeds: readonly number[];
  readonly validationAccuracy: Spread;
  readonly testAccuracy: Spread;
}

export interface Spread {
  readonly mean: number;
  /** Of the sample: n - 1 in the denominator. */
  readonly standardDeviation: number;
}

/** Means over seeds, for all settings that ended well with two seeds or more. */
export function seedMeans(results: readonly TrialResult[]): SeedMean[] {
  const groups = new Map<string, TrialResult[]>();
  for (const result of results) {
    if (result.testAccuracy === null || result.validationAccuracy === null) continue;
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
      validationAccuracy: spreadOf(group.map(({ validationAccuracy }) => validationAccuracy!)),
      testAccuracy: spreadOf(group.map(({ testAccuracy }) => testAccuracy!)),
    }));
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
}
