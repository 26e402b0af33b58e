import type { Trial } from '../../recipes/sweep/trials.js';
import type { DeviceChoice } from '../../runtime/open-node.js';
import type { RunEvent } from '../../train/events.js';
import type { StepProgress } from '../../train/fit.js';
import type { Amount } from '../data-progress.js';

/** What a trial's process is told: first what to do, later perhaps to stop. */
export type Order =
  | {
      readonly type: 'train';
      readonly recipe: string;
      readonly trial: Trial;
      /** Where it is to pause; at its end when left out. */
      readonly untilEpoch?: number;
      /** Of ONNX Runtime, for a trial that is new; one that was begun goes on with its own. */
      readonly threads: number;
      readonly device?: DeviceChoice | undefined;
      readonly data: string | undefined;
      readonly sample: boolean;
    }
  | { readonly type: 'interrupt' };

/** What it answers: how it goes on, and at last how it ended. */
export type Answer =
  | { readonly type: 'step'; readonly progress: StepProgress }
  | { readonly type: 'event'; readonly event: RunEvent }
  /** Of what comes before the training: reading and encoding. */
  | { readonly type: 'data'; readonly amount: Amount }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'ended' }
  /** Of a LegendaError. */
  | { readonly type: 'failed'; readonly message: string };
