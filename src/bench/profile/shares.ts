import { type Phase, type Place, phases } from './places.js';
import type { KernelTime, RecordedRuns } from './trace.js';

/** What a group of kernels takes of a run. */
export interface Share {
  readonly name: string;
  /** Kernels a run. */
  readonly calls: number;
  /** A run. */
  readonly microseconds: number;
  /** Of the run, in [0, 1]. */
  readonly share: number;
}

/** Microseconds a run by phase; what ONNX Runtime put in belongs to none. */
export interface LayerShare extends Share, Readonly<Record<Phase, number>> {}

/** Where the time of a run goes. The groups of each table and `between` add up to the run. */
export interface Shares {
  readonly runs: number;
  /** A run. */
  readonly microseconds: number;
  /** A run's time in which no kernel ran, the profiler's own among it. */
  readonly between: number;
  /** By type of op, the longest first. */
  readonly types: readonly Share[];
  /** By layer, the longest first. */
  readonly layers: readonly LayerShare[];
}

/** @param placeOf where a kernel belongs, by its name */
export function sharesOf(recorded: RecordedRuns, placeOf: (kernel: string) => Place): Shares {
  const { runs, microseconds, kernels } = recorded;
  const sum = (some: readonly KernelTime[]): number => some.reduce((all, kernel) => all + kernel.microseconds, 0);
  const placed = kernels.map((kernel) => ({ ...kernel, ...placeOf(kernel.node) }));
  const shareOf = (name: string, own: readonly KernelTime[]): Share => ({
    name,
    calls: own.length / runs,
    microseconds: sum(own) / runs,
    share: sum(own) / microseconds,
  });
  return {
    runs,
    microseconds: microseconds / runs,
    between: (microseconds - sum(kernels)) / runs,
    types: [...groupBy(placed, ({ type }) => type)].map(([type, own]) => shareOf(type, own)).sort(longestFirst),
    layers: [...groupBy(placed, ({ layer }) => layer)]
      .map(([layer, own]) => {
        const inPhase = (wanted: Phase) => sum(own.filter(({ phase }) => phase === wanted)) / runs;
        const byPhase = Object.fromEntries(phases.map((phase) => [phase, inPhase(phase)])) as Record<Phase, number>;
        return { ...shareOf(layer, own), ...byPhase };
      })
      .sort(longestFirst),
  };
}

const longestFirst = (a: Share, b: Share): number => b.microseconds - a.microseconds || (a.name < b.name ? -1 : 1);

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
