import pLimit from 'p-limit';
import { JobLost, JobProcess } from './apart/job-process.js';
import { attempts, type Board, type Job, type JobListeners } from './job.js';

/** Has jobs done by processes of this machine. */
export class LocalBoard implements Board {
  readonly capacity: number;
  readonly #free: JobProcess[];
  readonly #limit;

  /** @param processes from 1 */
  constructor(processes: number) {
    this.capacity = processes;
    this.#limit = pLimit(processes);
    this.#free = Array.from({ length: processes }, () => new JobProcess());
  }

  perform(job: Job, listeners: JobListeners = {}): Promise<void> {
    return this.#limit(async () => {
      listeners.signal?.throwIfAborted();
      const process = this.#free.pop()!;
      try {
        if ((await again(process, job, listeners)) === 'interrupted') listeners.signal!.throwIfAborted();
      } finally {
        this.#free.push(process);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#free) process[Symbol.dispose]();
  }
}

async function again(process: JobProcess, { order }: Job, listeners: JobListeners) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await process.perform(order, listeners);
    } catch (error) {
      if (!(error instanceof JobLost) || attempt === attempts) throw error;
    }
  }
}
