export interface BatchQueueOptions<Job, Answer> {
  /** The most jobs of a batch, from 1. */
  readonly most: number;
  /** Does a batch: an answer a job, in order. */
  readonly run: (jobs: readonly Job[]) => Promise<readonly Answer[]>;
  /** Whether two jobs may be in one batch; all may when left out. */
  readonly alike?: (a: Job, b: Job) => boolean;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Does jobs in batches, one batch at a time: what has come while the last was done makes the next. So a job that comes alone is
 * done at once, and batches grow with the load.
 */
export class BatchQueue<Job, Answer> {
  readonly #options: BatchQueueOptions<Job, Answer>;
  readonly #waiting = new Set<Waiting<Job, Answer>>();
  #busy = false;

  constructor(options: BatchQueueOptions<Job, Answer>) {
    this.#options = options;
  }

  /** Jobs that are not being done yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * @param signal a job whose turn has not come is forgotten when this is aborted
   * @returns its answer; rejects with the signal's reason, or with what its batch failed with
   */
  async ask(job: Job, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settled = () => signal.removeEventListener('abort', forget);
      const waiting: Waiting<Job, Answer> = {
        job,
        resolve(answer) {
          settled();
          resolve(answer);
        },
        reject(reason) {
          settled();
          reject(reason);
        },
      };
      const forget = () => {
        this.#waiting.delete(waiting);
        waiting.reject(signal.reason);
      };
      signal.addEventListener('abort', forget);
      this.#waiting.add(waiting);
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    // what comes in this turn of the event loop belongs to the first batch
    await new Promise(setImmediate);
    while (this.#waiting.size > 0) await this.#runBatch(this.#take());
    this.#busy = false;
  }

  #take(): Waiting<Job, Answer>[] {
    const { most, alike = () => true } = this.#options;
    const [first] = this.#waiting;
    const batch: Waiting<Job, Answer>[] = [];
    for (const waiting of this.#waiting) {
      if (batch.length === most) break;
      if (alike(first!.job, waiting.job)) batch.push(waiting);
    }
    for (const waiting of batch) this.#waiting.delete(waiting);
    return batch;
  }

  async #runBatch(batch: readonly Waiting<Job, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ job }) => job));
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
