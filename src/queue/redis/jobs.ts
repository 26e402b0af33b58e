import { resolve } from 'node:path';
import { Queue, type Job as QueuedJob } from 'bullmq';
import { Redis } from 'ioredis';
import { UsageError } from '../../errors.js';
import { folderOf, type JobOrder } from '../apart/protocol.js';
import { connectionTo, tryRedis } from './connect.js';
import { isOrder, type QueuedOrder } from './queued-order.js';
import { cancelChannel, queueName } from './settings.js';

/** A job as people ask for it. */
export interface JobStatus {
  readonly id: string;
  readonly kind: JobOrder['type'] | 'other';
  /** Of the archive or the run; empty where a job is not of this program. */
  readonly folder: string;
  /** `delayed`: it failed, and is tried again after a while. */
  readonly state: 'waiting' | 'active' | 'delayed' | 'failed';
  /** How far it is, from 0 to 1, as its worker last told. */
  readonly share: number;
  /** Who does it. */
  readonly worker: string | null;
  /** How often it was begun and failed. */
  readonly failures: number;
  readonly reason: string | null;
}

/** In the order in which they are listed. */
const states = ['active', 'failed', 'delayed', 'waiting'] as const;

/** Jobs that are read at once. */
const page = 1000;

/** The jobs of a Redis, to look at and to change. What is done is not among them. */
export class Jobs implements AsyncDisposable {
  readonly #queue: Queue<QueuedOrder>;
  readonly #calls: Redis;
  readonly #end = new AbortController();

  private constructor(url: string) {
    const { url: address, ...options } = connectionTo(url, this.#end.signal);
    this.#queue = new Queue(queueName, { connection: connectionTo(url, this.#end.signal) });
    this.#calls = new Redis(address, options);
    this.#queue.on('error', () => {});
    this.#calls.on('error', () => {});
  }

  /** @throws UsageError when the address is none; LegendaError saying why Redis cannot be used */
  static async open(url: string): Promise<Jobs> {
    await tryRedis(url);
    return new Jobs(url);
  }

  async *list(): AsyncGenerator<JobStatus> {
    for (const state of states)
      for (let from = 0; ; from += page) {
        const jobs = await this.#queue.getJobs([state], from, from + page - 1, true);
        // one may be gone since its state was read
        for (const job of jobs) if (job) yield statusOf(job, state);
        if (jobs.length < page) break;
      }
  }

  /**
   * Takes jobs that wait out of the queue, and has those that are worked on stopped; what they came to stays.
   * @param named a job's id, or the folder of an archive, a sweep or a run
   * @throws UsageError when there are none
   */
  async cancel(named: string): Promise<JobStatus[]> {
    const jobs = await this.#of(named, ['waiting', 'delayed', 'active']);
    const cancelled: JobStatus[] = [];
    for (const job of jobs) {
      if (job.state !== 'active' && (await this.#queue.remove(job.id)) === 1) cancelled.push(job);
      else if (await this.#stop(job.id)) cancelled.push(job);
    }
    return cancelled;
  }

  /** Calls out that a job is cancelled, and writes it down for who takes it up when its worker is gone. @returns whether it is there */
  async #stop(id: string): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) return false;
    await job.updateData({ ...job.data, cancelled: true });
    await this.#calls.publish(cancelChannel, id);
    return true;
  }

  /**
   * Puts jobs that failed into the queue again.
   * @param named as `cancel`'s
   * @throws UsageError when there are none
   */
  async retry(named: string): Promise<JobStatus[]> {
    const jobs = await this.#of(named, ['failed']);
    for (const { id } of jobs) {
      const job = await this.#queue.getJob(id);
      if (job === undefined) continue;
      const { cancelled: _, ...order } = job.data;
      await job.updateData(order);
      await job.retry('failed');
    }
    return jobs;
  }

  async #of(named: string, wanted: readonly JobStatus['state'][]): Promise<JobStatus[]> {
    const found: JobStatus[] = [];
    for await (const job of this.list()) if (wanted.includes(job.state) && isOf(job, named)) found.push(job);
    if (found.length > 0) return found;
    throw new UsageError(`${named}: a job, or a folder with jobs, that is ${wanted.join(' or ')} is expected`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#calls.disconnect();
    await this.#queue.close();
  }
}

const statusOf = (job: QueuedJob<QueuedOrder>, state: JobStatus['state']): JobStatus => ({
  id: job.id!,
  kind: isOrder(job.data) ? job.data.order.type : 'other',
  folder: isOrder(job.data) ? folderOf(job.data.order) : '',
  state,
  share: typeof job.progress === 'number' ? job.progress : 0,
  worker: (state === 'active' && job.processedBy) || null,
  failures: job.attemptsMade,
  reason: job.failedReason ?? null,
});

/** Whether a job is what is named: by its id, or by a folder that it is of or below. */
const isOf = ({ id, folder }: JobStatus, named: string): boolean =>
  id === named || (folder !== '' && `${folder}/`.startsWith(`${resolve(named)}/`));
