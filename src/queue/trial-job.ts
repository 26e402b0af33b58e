import { resolve } from 'node:path';
import { hasEnded, hasPaused } from '../recipes/run-trial.js';
import type { TrialTask } from '../recipes/sweep/sweep.js';
import type { TrialOrder } from './apart/protocol.js';
import { idOfFolder, type Job } from './job.js';

/** What trials of a sweep have in common. */
export type TrialSettings = Pick<TrialOrder, 'recipe' | 'threads' | 'device' | 'data' | 'sample'>;

/** A trial, or a piece of one, as a job: a trial that is to pause elsewhere is another. */
export function trialJob({ trial, untilEpoch }: TrialTask, settings: TrialSettings): Job {
  const dir = resolve(trial.dir);
  const piece = untilEpoch === undefined ? {} : { untilEpoch };
  return {
    id: `trial-${idOfFolder(dir)}${untilEpoch === undefined ? '' : `-${untilEpoch}`}`,
    order: { type: 'trial', ...settings, ...piece, trial: { ...trial, dir } },
    isDone: async () => (await hasEnded(dir)) || (untilEpoch !== undefined && (await hasPaused(dir, untilEpoch))),
  };
}
