/** Workers that are killed at random, and begun again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { integer, stream, uniform } from '../../src/tensor/random.js';
import { main } from './cli.js';

export interface Killing {
  /** Grows as work is done: none is killed twice without some between. */
  readonly progress: () => number;
  readonly until: AbortSignal;
}

/** Workers that begin anew whenever they end, as a service does. */
export class Workers implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #workers: ChildProcess[] = [];
  readonly #random = stream(1, 'kills');
  #disposed = false;
  killed = 0;

  /** @param args of `legenda worker` */
  constructor(count: number, args: readonly string[]) {
    this.#args = args;
    for (let slot = 0; slot < count; slot++) this.#begin(slot);
  }

  /** Kills one after the other, at random moments, `kill -9`: a worker alone, or with the processes of its jobs. */
  async kill(times: number, { progress, until }: Killing): Promise<void> {
    for (let i = 0; i < times && !until.aborted; i++) {
      const before = progress();
      while (progress() === before && !until.aborted) await setTimeout(20);
      await setTimeout(1000 * uniform(this.#random));
      if (until.aborted) return;
      const which = integer(this.#random, 0, this.#workers.length - 1);
      this.#end(this.#workers[which]!, uniform(this.#random) < 0.5);
      this.killed++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const worker of this.#workers) this.#end(worker, true);
  }

  #begin(slot: number): void {
    const worker = spawn(process.execPath, [main, 'worker', ...this.#args], { stdio: 'ignore', detached: true });
    this.#workers[slot] = worker;
    worker.once('exit', async () => {
      await setTimeout(200);
      if (!this.#disposed) this.#begin(slot);
    });
  }

  #end(worker: ChildProcess, whole: boolean): void {
    try {
      // a detached process leads a group, of which those of its jobs are
      process.kill(whole ? -worker.pid! : worker.pid!, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}
