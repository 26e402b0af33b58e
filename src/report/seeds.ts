import { deviationOf, meanOf } from '../metrics/spread.js';
import type { RunState } from '../train/events.js';

interface Seeded {
  readonly seed: number;
  readonly setup: string;
  readonly state: RunState;
}

/** Runs that differ in nothing but their seed. */
export interface SeedGroup<Run> {
  /** In their order; at least one. */
  readonly runs: readonly Run[];
  /** Those that neither failed nor diverged, and are not paused; all where that leaves none. */
  readonly counted: readonly Run[];
}

/** Runs by setup, in the order in which the first of each comes; a seed that comes again is of another group. */
export function bySetup<Run extends Seeded>(runs: readonly Run[]): SeedGroup<Run>[] {
  const groups = new Map<string, Run[]>();
  for (const [i, run] of runs.entries()) {
    const before = runs.slice(0, i).filter(({ setup, seed }) => setup === run.setup && seed === run.seed).length;
    const key = `${before} ${run.setup}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((own) => {
    const sound = own.filter(({ state }) => state !== 'failed' && state !== 'diverged' && state !== 'paused');
    return { runs: own, counted: sound.length > 0 ? sound : own };
  });
}

/** A measure over the seeds of a group. */
export interface Measured {
  readonly values: readonly number[];
  /** Undefined where no run has it. */
  readonly mean: number | undefined;
  /** Standard deviation of the sample; undefined with fewer than two. */
  readonly spread: number | undefined;
}

export function measureOver<Run>({ counted }: SeedGroup<Run>, value: (run: Run) => number | undefined): Measured {
  const values = counted.map(value).filter((own) => own !== undefined);
  if (values.length === 0) return { values, mean: undefined, spread: undefined };
  return { values, mean: meanOf(values), spread: values.length < 2 ? undefined : deviationOf(values) };
}

interface Point {
  readonly epoch: number;
  readonly value: number;
}

/** A line over epochs: the mean over seeds, as far as all of them came, and each seed's own where there are several. */
export function pointsOver<Run extends { readonly epochs: readonly Epoch[] }, Epoch extends { readonly epoch: number }>(
  { counted }: SeedGroup<Run>,
  value: (epoch: Run['epochs'][number]) => number,
): { readonly points: readonly Point[]; readonly behind?: readonly (readonly Point[])[] } {
  const lines = counted.map(({ epochs }) => epochs.map((epoch) => ({ epoch: epoch.epoch, value: value(epoch) })));
  if (lines.length === 1) return { points: lines[0]! };
  const common = Math.min(...lines.map(({ length }) => length));
  const points = lines[0]!
    .slice(0, common)
    .map(({ epoch }, i) => ({ epoch, value: meanOf(lines.map((line) => line[i]!.value)) }));
  return { points, behind: lines };
}
