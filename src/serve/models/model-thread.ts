import { Worker } from 'node:worker_threads';
import { LegendaError, UsageError } from '../../errors.js';
import { BatchQueue } from './batch-queue.js';
import type { BatchOrder, ModelAnswer, ModelDescription, ModelSettings, Reply } from './protocol.js';

interface Job {
  readonly image: Uint8Array;
  readonly best: number;
}

/** Called after every batch. */
export type BatchListener = (images: number, seconds: number) => void;

/** A model in a thread of its own. */
export class ModelThread {
  readonly description: ModelDescription;
  /** Rejects when the thread has ended by itself. */
  readonly broken: Promise<never>;
  readonly #worker: Worker;
  readonly #queue: BatchQueue<Job, ModelAnswer>;
  #ended: Error | undefined;
  /** Ends the wait for the batch in hand. */
  #giveUp: (error: Error) => void = () => {};

  private constructor(worker: Worker, description: ModelDescription, onBatch: BatchListener | undefined) {
    this.#worker = worker;
    this.description = description;
    this.broken = new Promise((_, reject) => {
      const end = (error: Error) => {
        this.#ended ??= error;
        reject(error);
        this.#giveUp(error);
      };
      worker.once('error', end);
      worker.once('exit', (code) => end(new LegendaError(`the thread of a model has ended with ${code}`)));
    });
    this.broken.catch(() => {});
    this.#queue = new BatchQueue({
      most: description.batch,
      alike: (a, b) => a.best === b.best,
      run: async (jobs) => {
        const began = performance.now();
        const answers = await this.#run(jobs);
        onBatch?.(jobs.length, (performance.now() - began) / 1000);
        return answers;
      },
    });
  }

  /** @throws LegendaError when the run cannot be opened */
  static async start(settings: ModelSettings, onBatch?: BatchListener): Promise<ModelThread> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: settings });
    const first = await new Promise<Reply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (first.type === 'ready') return new ModelThread(worker, first.model, onBatch);
    await worker.terminate();
    if (first.type !== 'refused') throw new Error(`a model's thread began with "${first.type}"`);
    throw new (first.usage ? UsageError : LegendaError)(first.message);
  }

  /** Images that wait for their batch. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * @param image bytes as the run takes them; given away
   * @param best captions that are wanted, at most the beam
   * @param signal takes the image back while it waits
   */
  ask(image: Uint8Array, best: number, signal: AbortSignal): Promise<ModelAnswer> {
    return this.#queue.ask({ image, best }, signal);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #run(jobs: readonly Job[]): Promise<readonly ModelAnswer[]> {
    const order: BatchOrder = { type: 'batch', images: jobs.map(({ image }) => image), best: jobs[0]!.best };
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#worker.once('message', (reply: Reply) => {
        if (reply.type === 'answers') resolve(reply.answers);
        else reject(new Error(reply.type === 'failed' ? reply.message : `a model answered "${reply.type}"`));
      });
      this.#worker.postMessage(order);
    });
  }
}
