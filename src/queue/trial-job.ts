import { resolve } from 'node:path';
import { hasEnded, hasPaused } from '../recipes/run-trial.js';
import type { TrialTask } from '../recipes/sweep/sweep.js';
import type { TrialOrder } from './apart/protocol.js';
import { idOf, type Job } from './job.js';

/** What trials of a sweep have in common. */
export type TrialSettings = Pick<TrialOrder, 'recipe' | 'threads' | 'device' | 'data' | 'sample' | 'from'>;

/** A trial, or a piece of one, as a job: a trial that is to pause elsewhere is another. */
export function trialJob({ trial, untilEpoch }: TrialTask, settings: TrialSettings): Job {
  const dir = resolve(trial.dir);
  const piece = untilEpoch === undefined ? {} : { untilEpoch };
  const order: TrialOrder = { type: 'trial', ...settings, ...piece, trial: { ...trial, dir } };
  return {
    id: `trial-${idOf(order)}`,
    order,
    isDone: async () => (await hasEnded(dir)) || (untilEpoch !== undefined && (await hasPaused(dir, untilEpoch))),
  };
}
