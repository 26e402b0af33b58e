import { availableParallelism } from 'node:os';
import type { LimitFunction } from 'p-limit';
import { hasEnded } from '../../recipes/run-trial.js';
import type { SweepPlan } from '../../recipes/sweep/plan.js';
import { prepareSweep } from '../../recipes/sweep/sweep.js';
import type { SweepTable } from '../../recipes/sweep/table.js';
import type { DeviceChoice } from '../../runtime/open-node.js';
import { dataProgress } from '../data-progress.js';
import { trainingProgress } from '../training-progress.js';
import { trainApart } from './train-apart.js';

/** How many trials run at once, and the threads of each. */
export interface Division {
  readonly jobs: number;
  readonly threads: number;
}

/**
 * Divides the cores among trials: as many at once as there are, since two trainings of one thread do more than one of two.
 * @param wanted what the user says of it
 */
export function divide(trials: number, wanted: { jobs?: number; threads?: number }): Division {
  const cores = availableParallelism();
  const jobs = wanted.jobs ?? Math.max(1, Math.min(trials, Math.floor(cores / (wanted.threads ?? 1))));
  return { jobs, threads: wanted.threads ?? Math.max(1, Math.floor(cores / jobs)) };
}

export interface TrialsOptions {
  readonly digests: Readonly<Record<string, string>>;
  readonly data: string | undefined;
  readonly sample: boolean;
  readonly threads: number;
  readonly device?: DeviceChoice | undefined;
  readonly limit: LimitFunction;
  readonly signal: AbortSignal;
}

/**
 * Begins sweeps that share a limit, a process a trial or a piece of one, with progress on standard error. Trials begin in the order of the plans.
 * @returns what each will come to, plan by plan
 */
export async function beginTrials(
  plans: readonly (readonly [SweepPlan, TrialsOptions])[],
): Promise<Promise<SweepTable>[]> {
  const sweeps: (() => Promise<SweepTable>)[] = [];
  for (const [plan, options] of plans) sweeps.push(await prepareTrials(plan, options));
  return sweeps.map((begin) => begin());
}

const prepareTrials = (
  plan: SweepPlan,
  { digests, limit, signal, ...given }: TrialsOptions,
): Promise<() => Promise<SweepTable>> =>
  prepareSweep(plan, {
    digests,
    limit,
    signal,
    async run({ trial, index, trials, untilEpoch }) {
      if (await hasEnded(trial.dir)) return;
      const which = trials.length > 1 ? `, ${trial.name} (${index + 1}/${trials.length})` : '';
      using progress = trainingProgress(`${plan.recipe.name}${which}`, false);
      using data = dataProgress();
      await trainApart(
        { type: 'train', recipe: plan.recipe.name, trial, ...(untilEpoch !== undefined && { untilEpoch }), ...given },
        { ...progress.listeners, onData: data.listeners.onProgress },
        signal,
      );
    },
  });
