import type { Trial } from '../../recipes/sweep/trials.js';
import type { DeviceChoice } from '../../runtime/open-node.js';
import type { RunEvent } from '../../train/events.js';
import type { StepProgress } from '../../train/fit.js';
import type { Amount } from './trial-source.js';

/** A shard of an archive to describe. */
export interface ShardOrder {
  readonly type: 'shard';
  /** The archive's folder. */
  readonly archive: string;
  /** Of its `describe.json`: another archive in the folder is not meant. */
  readonly sha256: string;
  readonly shard: number;
}

/** A trial of a sweep to train, or to go on with. */
export interface TrialOrder {
  readonly type: 'trial';
  readonly recipe: string;
  readonly trial: Trial;
  /** Where it is to pause; at its end when left out. */
  readonly untilEpoch?: number;
  /** Of ONNX Runtime, for a trial that is new; one that was begun goes on with its own. */
  readonly threads: number;
  readonly device?: DeviceChoice | undefined;
  /** Where data sets are; where the process looks by itself when left out. */
  readonly data?: string | undefined;
  readonly sample: boolean;
  /** The folder that paths in settings start from. */
  readonly from: string;
}

export type JobOrder = ShardOrder | TrialOrder;

/** What a process apart is told: jobs, one after the other, and perhaps to stop. */
export type Order = JobOrder | { readonly type: 'interrupt' };

/** How a training goes. */
export type TrainingNews =
  | { readonly type: 'step'; readonly progress: StepProgress }
  | { readonly type: 'event'; readonly event: RunEvent }
  /** Of what comes before the training: reading and encoding. */
  | { readonly type: 'data'; readonly amount: Amount }
  | { readonly type: 'warning'; readonly text: string };

/** What it answers: how a job goes, and at last how it ended. */
export type Answer =
  /** How far it is, from 0 to 1. */
  | { readonly type: 'share'; readonly share: number }
  | TrainingNews
  /** Now and then, whatever it does. */
  | { readonly type: 'alive' }
  | { readonly type: 'ended' }
  /** Stopped because it was told to. */
  | { readonly type: 'interrupted' }
  /** Of a LegendaError; `usage` of one that no other try will mend, `held` where another process works in the folder. */
  | { readonly type: 'failed'; readonly message: string; readonly reason: 'usage' | 'held' | 'other' };

/** Milliseconds between two signs of life. */
export const aliveEvery = 2000;

/** The archive or run that a job works in. */
export const folderOf = (order: JobOrder): string => (order.type === 'shard' ? order.archive : order.trial.dir);
