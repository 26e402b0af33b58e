import { type Job as QueuedJob, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { UsageError } from '../../errors.js';
import { JobProcess } from '../apart/job-process.js';
import type { JobOrder } from '../apart/protocol.js';
import { connectionTo, describeRedisError, tryRedis } from './connect.js';
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
  readonly onBegin?: (job: QueuedJob<JobOrder>) => void;
  readonly onEnd?: (job: QueuedJob<JobOrder>, error?: Error) => void;
  readonly onNote?: (text: string) => void;
  /** What does jobs, one at a time; a process apart by default. */
  readonly performer?: () => Performer;
}

/** Does jobs, one at a time. */
export type Performer = Pick<JobProcess, 'perform'> & Disposable;

/** Milliseconds between two reports of how far a job is. */
const reportEvery = 2000;

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
  performer = () => new JobProcess(),
  ...listeners
}: WorkOptions): Promise<void> {
  for (const note of await tryRedis(url)) listeners.onNote?.(note);
  const performers = Array.from({ length: jobs }, performer);
  const free = [...performers];
  const { url: address, ...options } = connectionTo(url);
  const calls = new Redis(address, options);
  calls.on('error', () => {});
  const worker = new Worker<JobOrder>(
    queueName,
    async (job, token, cancel) => {
      const own = free.pop()!;
      listeners.onBegin?.(job);
      try {
        const stop = AbortSignal.any([signal, cancel as AbortSignal]);
        const end = await own.perform(job.data, { signal: stop, onShare: reporter(job) });
        if (end === 'ended') return;
        if (!signal.aborted) throw new UnrecoverableError(cancelled);
        // given back as it is: another goes on with it
        await job.moveToWait(token);
        throw new WaitingError();
      } catch (error) {
        if (error instanceof UsageError) throw new UnrecoverableError(error.message);
        throw error;
      } finally {
        free.push(own);
      }
    },
    {
      connection: connectionTo(url),
      name,
      concurrency: jobs,
      lockDuration: 1000 * lease,
      stalledInterval: 1000 * lease,
      maxStalledCount: mostLosses,
    },
  );
  worker.on('completed', (job) => listeners.onEnd?.(job));
  worker.on('failed', (job, error) => job && listeners.onEnd?.(job, error));
  // another may have begun what we could not say that we still do
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id);
  });
  let said = '';
  worker.on('error', (error) => {
    const { message } = describeRedisError(url, error);
    if (message !== said) listeners.onNote?.(message);
    said = message;
  });
  calls.on('message', (_, id: string) => worker.cancelJob(id, cancelled));
  await calls.subscribe(cancelChannel);
  await worker.waitUntilReady();
  listeners.onReady?.();
  try {
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await worker.close();
  } finally {
    for (const each of performers) each[Symbol.dispose]();
    calls.disconnect();
  }
}

/** Tells Redis how far a job is, now and then. */
function reporter(job: QueuedJob<JobOrder>): (share: number) => void {
  let told = performance.now();
  return (share) => {
    if (performance.now() - told < reportEvery) return;
    told = performance.now();
    // progress is for people: what cannot be told now is told next time
    job.updateProgress(share).catch(() => {});
  };
}
