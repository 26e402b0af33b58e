import { setMaxListeners } from 'node:events';
import { Queue, QueueEvents } from 'bullmq';
import { LegendaError } from '../../errors.js';
import { JobLost, lostMark } from '../apart/job-process.js';
import { attempts, type Board, type Job, type JobListeners } from '../job.js';
import { within } from '../within.js';
import { connectionTo, describeRedisError, shownAddress, tryRedis } from './connect.js';
import { type QueuedOrder, queued } from './queued-order.js';
import { backoff, cancelled, queueName } from './settings.js';

/** Milliseconds between two looks at whether jobs that are waited for are still known. */
const lookEvery = 10_000;

/** Milliseconds for connections to close by themselves. */
const patience = 2000;

/** A job that is waited for. */
interface Awaited {
  readonly job: Job;
  readonly onShare: JobListeners['onShare'];
  resolve(): void;
  reject(error: Error): void;
}

/** Has jobs done by workers that listen to the same Redis, wherever they are. */
export class RedisBoard implements Board {
  /** Enough for workers to be busy; Redis's memory does not grow with an archive. */
  readonly capacity = 1000;
  readonly #url: string;
  readonly #queue: Queue<QueuedOrder>;
  readonly #events: QueueEvents;
  readonly #awaited = new Map<string, Awaited>();
  readonly #timer: NodeJS.Timeout;
  readonly #end = new AbortController();
  #looking = Promise.resolve();

  private constructor(url: string, onNote: (text: string) => void) {
    this.#url = url;
    this.#queue = new Queue(queueName, { connection: connectionTo(url, this.#end.signal) });
    this.#events = new QueueEvents(queueName, { connection: connectionTo(url, this.#end.signal) });
    this.#queue.on('ioredis:close', () => {
      if (this.#awaited.size > 0) onNote(`Redis at ${shownAddress(url)} does not answer: waiting for it`);
    });
    // connections come back by themselves
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#events.on('completed', ({ jobId }) => this.#take(jobId)?.resolve());
    this.#events.on('failed', ({ jobId, failedReason }) => this.#take(jobId)?.reject(failure(failedReason)));
    // what failed before is taken out to be begun anew
    this.#events.on('removed', ({ jobId, prev }) => {
      if (prev !== 'failed') this.#take(jobId)?.reject(failure(cancelled));
    });
    this.#events.on('progress', ({ jobId, data }) => {
      if (typeof data === 'number') this.#awaited.get(jobId)?.onShare?.(data);
    });
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look()).catch(() => {});
    }, lookEvery);
  }

  /** @throws UsageError when the address is none; LegendaError saying why Redis cannot be used */
  static async open(url: string, onNote: (text: string) => void = () => {}): Promise<RedisBoard> {
    for (const note of await tryRedis(url)) onNote(note);
    const board = new RedisBoard(url, onNote);
    await board.#events.waitUntilReady();
    if ((await board.#queue.getWorkersCount().catch(() => 1)) === 0)
      onNote(`no worker listens at ${shownAddress(url)} yet: what is given waits for "legenda worker"`);
    return board;
  }

  async perform(job: Job, { signal, onShare }: JobListeners = {}): Promise<void> {
    signal?.throwIfAborted();
    const ended = new Promise<void>((resolve, reject) => {
      this.#awaited.set(job.id, { job, onShare, resolve, reject });
    });
    const abort = () => this.#take(job.id)?.reject(signal!.reason);
    // one for each job that waits is no leak
    if (signal) setMaxListeners(0, signal);
    signal?.addEventListener('abort', abort);
    try {
      await Promise.all([ended, this.#add(job)]);
    } catch (error) {
      if (error instanceof LegendaError || signal?.aborted) throw error;
      throw describeRedisError(this.#url, error as Error);
    } finally {
      this.#take(job.id);
      signal?.removeEventListener('abort', abort);
    }
  }

  #take(id: string): Awaited | undefined {
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    return awaited;
  }

  /** One that failed before is begun anew; one that is in the queue already stays there. */
  async #add({ id, order }: Job): Promise<void> {
    if ((await this.#queue.getJobState(id)) === 'failed') await this.#queue.remove(id);
    await this.#queue.add(order.type, queued(order), {
      jobId: id,
      attempts,
      backoff: { type: 'exponential', delay: backoff },
      removeOnComplete: true,
    });
  }

  /** Finds what events did not tell: a Redis that was away may have forgotten jobs, or their end went unheard. */
  async #look(): Promise<void> {
    for (const { job } of [...this.#awaited.values()])
      await this.#lookAt(job).catch((error) => this.#blame(job, error));
  }

  /** Redis may be away again; what is wrong on the storage is the job's end. */
  #blame(job: Job, error: Error): void {
    if (error instanceof LegendaError) this.#take(job.id)?.reject(error);
  }

  async #lookAt(job: Job): Promise<void> {
    const state = await this.#queue.getJobState(job.id);
    if (state === 'failed') {
      const failed = await this.#queue.getJob(job.id);
      this.#take(job.id)?.reject(failure(failed?.failedReason ?? 'for an unknown reason'));
    } else if (state === 'unknown' || state === 'completed') {
      if (await job.isDone()) this.#take(job.id)?.resolve();
      else if (this.#awaited.has(job.id)) await this.#add(job);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // a Redis that is away is not waited for
    this.#end.abort();
    await within(patience, Promise.all([this.#events.close(), this.#queue.close()]));
  }
}

const failure = (reason: string): LegendaError =>
  reason.startsWith(lostMark) ? new JobLost(reason) : new LegendaError(reason);
