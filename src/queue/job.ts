import { createHash } from 'node:crypto';
import type { JobOrder, TrainingNews } from './apart/protocol.js';

/** Something to be done by whoever is free, perhaps twice: the second time finds it done. */
export interface Job {
  /** The same whoever gives it, so that it is not in a queue twice. */
  readonly id: string;
  readonly order: JobOrder;
  /** Whether it is done, by what lies on the storage: asked when nobody knows of the job any more. */
  isDone(): Promise<boolean>;
}

/** How often a job is begun that fails, before it is given up; a worker that is killed does not count. */
export const attempts = 3;

export interface JobListeners {
  readonly signal?: AbortSignal | undefined;
  /** How far it is, from 0 to 1. */
  readonly onShare?: (share: number) => void;
  /** How a training goes, where it is in a process of this machine. */
  readonly onNews?: (news: TrainingNews) => void;
}

/** Where jobs are given out. */
export interface Board extends AsyncDisposable {
  /** Jobs that are worth being given at once. */
  readonly capacity: number;
  /**
   * Has a job done.
   * @throws JobLost when whoever did it ended each time; another LegendaError when it cannot be done; the signal's reason once it is
   * aborted
   */
  perform(job: Job, listeners?: JobListeners): Promise<void>;
}

/** A part of a job's id that is the same for the same things alone: what is in a queue with other settings is another job. */
export const idOf = (...things: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(things)).digest('hex').slice(0, 12);
