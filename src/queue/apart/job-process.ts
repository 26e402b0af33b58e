import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FolderHeld } from '../../data/hold-folder.js';
import { LegendaError, UsageError } from '../../errors.js';
import type { JobListeners } from '../job.js';
import type { Answer, JobOrder, Order } from './protocol.js';
import { Watch } from './watch.js';

const script = fileURLToPath(new URL('./child.js', import.meta.url));

/** Begins what is said of a job whose process is gone. */
export const lostMark = 'its process ended';

/** The process of a job ended by itself: it was killed, or hung, or broken by the job, which others need not be like. */
export class JobLost extends LegendaError {
  override name = 'JobLost';
}

/**
 * A process in which jobs are done, one after the other: ONNX Runtime keeps a process busy while it computes, and what a job breaks,
 * such as the machine's memory, must not break who gave it. One that ended is begun anew with the next job; one that says nothing
 * any more is ended.
 */
export class JobProcess implements Disposable {
  readonly #silence: number;
  #child: ChildProcess | undefined;

  /** @param silence milliseconds after which a process that gives no sign of life is ended */
  constructor(silence = defaultSilence) {
    this.#silence = silence;
  }

  /**
   * @returns whether it was done, or stopped because the signal asked for it
   * @throws LegendaError when it cannot be done; JobLost when its process went away
   */
  async perform(order: JobOrder, { signal, ...listeners }: JobListeners = {}): Promise<'ended' | 'interrupted'> {
    this.#child ??= this.#begin();
    const child = this.#child;
    const tell = (what: Order): void => {
      if (child.connected) child.send(what);
    };
    const interrupt = () => tell({ type: 'interrupt' });
    signal?.addEventListener('abort', interrupt);
    let isSilent = false;
    using watch = new Watch(this.#silence, () => {
      isSilent = true;
      child.kill('SIGKILL');
    });
    const onMessage = () => watch.heard();
    child.on('message', onMessage);
    try {
      const end = ending(child, listeners, () => isSilent);
      tell(order);
      if (signal?.aborted) interrupt();
      return await end;
    } catch (error) {
      // one that is just gone takes no other job
      if (error instanceof JobLost) this[Symbol.dispose]();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      child.off('message', onMessage);
      // what a training leaves in a process's memory is not the next one's
      if (order.type === 'trial') this[Symbol.dispose]();
    }
  }

  /** Whatever it does ends with it. */
  [Symbol.dispose](): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #begin(): ChildProcess {
    // advanced: JSON has no NaN, which losses may be
    const child = fork(script, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    // heard by the job that it happens to
    child.on('error', () => {});
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }
}

const defaultSilence = 120_000;

const failures = { usage: UsageError, held: FolderHeld, other: LegendaError } as const;

function ending(
  child: ChildProcess,
  { onShare, onNews }: JobListeners,
  isSilent: () => boolean,
): Promise<'ended' | 'interrupted'> {
  const { promise, resolve, reject } = withResolvers<'ended' | 'interrupted'>();
  const onMessage = (answer: Answer): void => {
    if (answer.type === 'ended' || answer.type === 'interrupted') resolve(answer.type);
    else if (answer.type === 'failed') reject(new failures[answer.reason](answer.message));
    else if (answer.type === 'share') onShare?.(answer.share);
    else if (answer.type !== 'alive') onNews?.(answer);
  };
  // what is said to a process that is just gone fails too
  const onError = (error: Error): void =>
    reject(
      child.pid === undefined
        ? new LegendaError('its process cannot be started', { cause: error })
        : new JobLost(`${lostMark} (${error.message})`, { cause: error }),
    );
  const onClose = (code: number | null, signal: NodeJS.Signals | null): void =>
    reject(new JobLost(`${lostMark} (${isSilent() ? 'it said nothing any more' : (signal ?? `status ${code}`)})`));
  child.on('message', onMessage).on('error', onError).on('close', onClose);
  return promise.finally(() => {
    child.off('message', onMessage).off('error', onError).off('close', onClose);
  });
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
