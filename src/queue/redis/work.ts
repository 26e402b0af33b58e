import { setTimeout } from 'node:timers/promises';
import { DelayedError, type Job as QueuedJob, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { FolderHeld } from '../../data/hold-folder.js';
import { UsageError } from '../../errors.js';
import { ownVersion } from '../../recipes/machine.js';
import { JobLost, JobProcess } from '../apart/job-process.js';
import { within } from '../within.js';
import { connectionTo, describeRedisError, tryRedis } from './connect.js';
import { isForUs, isOrder, type QueuedOrder } from './queued-order.js';
import { cancelChannel, cancelled, defaultLease, mostLosses, queueName } from './settings.js';

export interface WorkOptions {
  /** Of Redis. */
  readonly url: string;
  /** Jobs at once, a process each. */
  readonly jobs: number;
  /** Seconds after which a job whose worker has gone silent is another's. */
  readonly lease?: number;
  /** As jobs show it; the machine's name and process by default. */
  readonly name: string;
  /** Aborted to give back what is being done, and end. */
  readonly signal: AbortSignal;
  /** Jobs are listened for. */
  readonly onReady?: () => void;
  readonly onBegin?: (job: QueuedJob<QueuedOrder>) => void;
  readonly onEnd?: (job: QueuedJob<QueuedOrder>, error?: Error) => void;
  readonly onNote?: (text: string) => void;
  /** What does jobs, one at a time; a process apart by default. */
  readonly performer?: () => Performer;
}

/** Does jobs, one at a time. */
export type Performer = Pick<JobProcess, 'perform'> & Disposable;

/** Milliseconds between two reports of how far a job is. */
const reportEvery = 2000;

/** Milliseconds until a job that cannot be done here, or not yet, is offered again. */
const offerAgain = 5000;

/** How many leases a job's process may say nothing for, and how many milliseconds at least: reading and compiling keep it busy. */
const leases = 4;
const leastSilence = 10_000;

/** Milliseconds for Redis to hear that a worker ends. */
const patience = 5000;

/**
 * Does jobs of a queue until the signal is aborted. A Redis that goes away is waited for.
 * @throws UsageError when the address is none; LegendaError saying why Redis cannot be used
 */
export async function work({
  url,
  jobs,
  lease = defaultLease,
  name,
  signal,
  performer = () => new JobProcess(Math.max(leastSilence, leases * 1000 * lease)),
  ...listeners
}: WorkOptions): Promise<void> {
  for (const note of await tryRedis(url)) listeners.onNote?.(note);
  const performers = Array.from({ length: jobs }, performer);
  const free = [...performers];
  const end = new AbortController();
  const { url: address, ...options } = connectionTo(url, end.signal);
  const calls = new Redis(address, options);
  const onError = once((error: Error) => listeners.onNote?.(describeRedisError(url, error).message));
  calls.on('error', onError);
  let worker: Worker<QueuedOrder> | undefined;
  try {
    calls.on('message', (_, id: string) => worker?.cancelJob(id, cancelled));
    await calls.subscribe(cancelChannel).catch((error) => {
      throw describeRedisError(url, error);
    });
    const perform = async (job: QueuedJob<QueuedOrder>, token?: string, cancel?: AbortSignal): Promise<void> => {
      const { data } = job;
      if (!isOrder(data)) throw new UnrecoverableError('this is no job of Legenda');
      if (data.cancelled) throw new UnrecoverableError(cancelled);
      if (!isForUs(data)) {
        listeners.onNote?.(
          `${job.id} is for version ${data.legenda} of Legenda, this is ${ownVersion()}: left for others`,
        );
        return await later(job, token);
      }
      const own = free.pop()!;
      listeners.onBegin?.(job);
      try {
        const stop = AbortSignal.any([signal, cancel as AbortSignal]);
        const outcome = await own.perform(data.order, { signal: stop, onShare: reporter(job) });
        if (outcome === 'ended') return;
        if (!signal.aborted) throw new UnrecoverableError(cancelled);
        await giveBack(job, token);
      } catch (error) {
        if (error instanceof JobLost && signal.aborted) await giveBack(job, token);
        if (error instanceof JobLost && cancel?.aborted) throw new UnrecoverableError(cancelled);
        if (error instanceof FolderHeld) await later(job, token);
        if (error instanceof UsageError) throw new UnrecoverableError(error.message);
        throw error;
      } finally {
        free.push(own);
      }
    };
    worker = new Worker<QueuedOrder>(queueName, perform, {
      connection: connectionTo(url, end.signal),
      name,
      concurrency: jobs,
      lockDuration: 1000 * lease,
      stalledInterval: 1000 * lease,
      maxStalledCount: mostLosses,
    });
    worker.on('error', onError);
    worker.on('completed', (job) => listeners.onEnd?.(job));
    worker.on('failed', (job, error) => job && listeners.onEnd?.(job, error));
    // another may have begun what we could not say that we still do
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker?.cancelJob(id);
    });
    await worker.waitUntilReady();
    listeners.onReady?.();
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const closed = worker.close();
    closed.catch(() => {});
    // jobs that are stopped save first, however long that takes
    while (free.length < jobs) await setTimeout(50);
    await within(patience, closed);
  } finally {
    for (const each of performers) each[Symbol.dispose]();
    calls.disconnect();
    // a Redis that is away is not waited for
    end.abort();
    if (worker !== undefined) await within(patience, worker.close(true));
  }
}

/** Gives a job back as it is: another goes on with it. @throws WaitingError, by which the queue knows */
async function giveBack(job: QueuedJob<QueuedOrder>, token: string | undefined): Promise<never> {
  await within(patience, job.moveToWait(token));
  throw new WaitingError();
}

/** Offers a job again after a while. @throws DelayedError, by which the queue knows */
async function later(job: QueuedJob<QueuedOrder>, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + offerAgain, token);
  throw new DelayedError();
}

/** Says the same only once. */
function once(say: (error: Error) => void): (error: Error) => void {
  let said = '';
  return (error) => {
    if (error.message !== said) say(error);
    said = error.message;
  };
}

/** Tells Redis how far a job is, now and then. */
function reporter(job: QueuedJob<QueuedOrder>): (share: number) => void {
  let told = performance.now();
  return (share) => {
    if (performance.now() - told < reportEvery) return;
    told = performance.now();
    // progress is for people: what cannot be told now is told next time
    job.updateProgress(share).catch(() => {});
  };
}
