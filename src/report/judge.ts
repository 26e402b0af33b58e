import type { ClassifierRun } from './data.js';
import { bySetup, measureOver, type SeedGroup } from './seeds.js';

type Epoch = ClassifierRun['epochs'][number];

/** The epoch whose model was tested: the best where the best checkpoint was, otherwise the last. */
export function judgedEpoch({ epochs, test, bestEpoch }: ClassifierRun): Epoch | undefined {
  const best = test?.checkpoint === 'best' ? epochs.find(({ epoch }) => epoch === bestEpoch) : undefined;
  return best ?? epochs.at(-1);
}

/** Validation accuracy of the model that was tested; undefined where there is none to go by. */
function judgedAccuracy(run: ClassifierRun): number | undefined {
  if (run.state === 'failed' || run.state === 'diverged') return undefined;
  const accuracy = judgedEpoch(run)?.validationAccuracy;
  return Number.isFinite(accuracy) ? accuracy : undefined;
}

const meanAccuracy = (group: SeedGroup<ClassifierRun>): number =>
  measureOver(group, judgedAccuracy).mean ?? Number.NEGATIVE_INFINITY;

/** Without those that are paused, which had fewer epochs than the others to learn in; of runs that all are, those with the most epochs. */
function furthest(runs: readonly ClassifierRun[]): readonly ClassifierRun[] {
  const unpaused = runs.filter(({ state }) => state !== 'paused');
  if (unpaused.length > 0) return unpaused;
  const most = Math.max(...runs.map(({ epochs }) => epochs.length));
  return runs.filter(({ epochs }) => epochs.length === most);
}

/**
 * Index of the best run on validation, of the setup that is best on average over its seeds; -1 when none has a finite
 * accuracy. Runs that are paused are compared only with each other.
 */
export function bestRun(runs: readonly ClassifierRun[]): number {
  const best = largest(bySetup(furthest(runs)), meanAccuracy);
  const run = largest(best?.runs ?? [], (own) => judgedAccuracy(own) ?? Number.NEGATIVE_INFINITY);
  return run ? runs.indexOf(run) : -1;
}

/** The first of the largest; undefined when all are minus infinity. */
function largest<T>(items: readonly T[], value: (item: T) => number): T | undefined {
  const most = Math.max(...items.map(value));
  return most > Number.NEGATIVE_INFINITY ? items.find((item) => value(item) === most) : undefined;
}

export interface Ranking {
  /** Learning rates from the best on validation to the worst. */
  readonly here: readonly number[];
  readonly report: readonly number[];
  readonly agrees: boolean;
}

/** The learning rates that the report has too, ranked on validation, over seeds, without paused runs; undefined with fewer than two. */
export function ranking(runs: readonly ClassifierRun[]): Ranking | undefined {
  const compared = bySetup(runs.filter(({ reported, state }) => reported && state !== 'paused')).map((group) => ({
    learningRate: group.runs[0]!.learningRate,
    here: meanAccuracy(group),
    report: group.runs[0]!.reported!.validationAccuracy,
  }));
  if (new Set(compared.map(({ learningRate }) => learningRate)).size < 2) return undefined;
  const rank = (by: 'here' | 'report') => {
    // Not by a difference: two runs without a result are minus infinity both.
    const sorted = [...compared].sort((a, b) => (a[by] === b[by] ? 0 : b[by] > a[by] ? 1 : -1));
    return [...new Set(sorted.map(({ learningRate }) => learningRate))];
  };
  const [here, report] = [rank('here'), rank('report')];
  return { here, report, agrees: here.every((learningRate, i) => learningRate === report[i]) };
}
