import { availableParallelism } from 'node:os';
import type { LimitFunction } from 'p-limit';
import type { Hold } from '../../data/hold-folder.js';
import type { TrainingNews } from '../../queue/apart/protocol.js';
import type { Board } from '../../queue/job.js';
import type { TrialSettings } from '../../queue/trial-job.js';
import type { SweepPlan } from '../../recipes/sweep/plan.js';
import type { SweepTable } from '../../recipes/sweep/table.js';
import { dataProgress } from '../data-progress.js';
import { trainingProgress } from '../training-progress.js';

/** How many trials run at once, and the threads of each. */
export interface Division {
  readonly jobs: number;
  readonly threads: number;
}

/**
 * Divides the cores among trials: as many at once as there are, since two trainings of one thread do more than one of two. Where
 * trials do not go into the cores evenly, a few more are trained at once, so that no core is idle in the end: three on two cores
 * all together.
 * @param wanted what the user says of it
 */
export function divide(trials: number, wanted: { jobs?: number; threads?: number }): Division {
  const cores = availableParallelism();
  const atOnce = Math.max(1, Math.floor(cores / (wanted.threads ?? 1)));
  const turns = Math.max(1, Math.floor(trials / atOnce));
  const jobs = wanted.jobs ?? Math.max(1, Math.ceil(trials / turns));
  return { jobs, threads: wanted.threads ?? Math.max(1, Math.floor(cores / jobs)) };
}

export interface TrialsOptions extends Omit<TrialSettings, 'recipe' | 'from'> {
  readonly digests: Readonly<Record<string, string>>;
  /** Where trials are trained. */
  readonly board: Board;
  readonly limit: LimitFunction;
  readonly signal: AbortSignal;
}

/**
 * Begins sweeps that share a board and a limit, with progress on standard error. Trials begin in the order of the plans. A folder is
 * its sweep's alone until that has ended.
 * @returns what each will come to, plan by plan
 */
export async function beginTrials(
  plans: readonly (readonly [SweepPlan, TrialsOptions])[],
): Promise<Promise<SweepTable>[]> {
  const holds: Hold[] = [];
  const sweeps: (() => Promise<SweepTable>)[] = [];
  try {
    for (const [plan, options] of plans) sweeps.push(await prepareTrials(plan, options, holds));
  } catch (error) {
    for (const hold of holds) await hold[Symbol.asyncDispose]();
    throw error;
  }
  return sweeps.map((begin, i) => begin().finally(() => holds[i]![Symbol.asyncDispose]()));
}

async function prepareTrials(
  plan: SweepPlan,
  { digests, board, limit, signal, ...given }: TrialsOptions,
  holds: Hold[],
): Promise<() => Promise<SweepTable>> {
  const { hasEnded } = await import('../../recipes/run-trial.js');
  const { prepareSweep } = await import('../../recipes/sweep/sweep.js');
  const { trialJob } = await import('../../queue/trial-job.js');
  const { holdFolder } = await import('../../data/hold-folder.js');
  return prepareSweep(plan, {
    digests,
    limit,
    signal,
    async begin() {
      holds.push(await holdFolder(plan.dir, `the sweep ${plan.dir} is being run`, { signal }));
    },
    async run(task) {
      const { trial, index, trials } = task;
      if (await hasEnded(trial.dir)) return;
      const which = trials.length > 1 ? `, ${trial.name} (${index + 1}/${trials.length})` : '';
      using progress = newsProgress(`${plan.recipe.name}${which}`);
      try {
        await board.perform(trialJob(task, { ...given, recipe: plan.recipe.name, from: process.cwd() }), {
          signal,
          onNews: progress.show,
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  });
}

/** Shows how a training in another process goes. */
function newsProgress(label: string): Disposable & { readonly show: (news: TrainingNews) => void } {
  const training = trainingProgress(label, false);
  const data = dataProgress();
  return {
    show(news) {
      if (news.type === 'data') data.listeners.onProgress(news.amount);
      if (news.type === 'step') training.listeners.onStep(news.progress);
      if (news.type === 'event') training.listeners.onEvent(news.event);
      if (news.type === 'warning') training.listeners.onWarning(news.text);
    },
    [Symbol.dispose]() {
      data[Symbol.dispose]();
      training[Symbol.dispose]();
    },
  };
}
