import type { ClassifierRun } from './data.js';

type Epoch = ClassifierRun['epochs'][number];

/** The epoch whose model was tested: the best where the best checkpoint was, otherwise the last. */
export function judgedEpoch({ epochs, test, bestEpoch }: ClassifierRun): Epoch | undefined {
  const best = test?.checkpoint === 'best' ? epochs.find(({ epoch }) => epoch === bestEpoch) : undefined;
  return best ?? epochs.at(-1);
}

/** Validation accuracy of the model that was tested; NaN where there is none. */
const judgedAccuracy = (run: ClassifierRun): number => judgedEpoch(run)?.validationAccuracy ?? Number.NaN;

/** Index of the run that is best on validation, or -1 when none has a finite accuracy. */
export function bestRun(runs: readonly ClassifierRun[]): number {
  let best = -1;
  for (const [i, run] of runs.entries()) {
    if (run.state === 'failed' || run.state === 'diverged' || !Number.isFinite(judgedAccuracy(run))) continue;
    if (best < 0 || judgedAccuracy(run) > judgedAccuracy(runs[best]!)) best = i;
  }
  return best;
}

export interface Ranking {
  /** Learning rates from the best on validation to the worst. */
  readonly here: readonly number[];
  readonly report: readonly number[];
  readonly agrees: boolean;
}

/** The learning rates that the report has too, ranked on validation; undefined with fewer than two. */
export function ranking(runs: readonly ClassifierRun[]): Ranking | undefined {
  const compared = runs.filter(({ reported }) => reported);
  if (new Set(compared.map(({ learningRate }) => learningRate)).size < 2) return undefined;
  const rank = (by: (run: ClassifierRun) => number) => {
    const order = (run: ClassifierRun) => (Number.isFinite(by(run)) ? by(run) : Number.NEGATIVE_INFINITY);
    // Not by a difference: two runs without a result are minus infinity both.
    const sorted = [...compared].sort((a, b) => (order(a) === order(b) ? 0 : order(b) > order(a) ? 1 : -1));
    return [...new Set(sorted.map(({ learningRate }) => learningRate))];
  };
  const here = rank((run) => (run.state === 'diverged' ? Number.NaN : judgedAccuracy(run)));
  const report = rank(({ reported }) => reported!.validationAccuracy);
  return { here, report, agrees: here.every((learningRate, i) => learningRate === report[i]) };
}
