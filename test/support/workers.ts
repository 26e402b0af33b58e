/** Workers that are killed at random, and begun again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { integer, stream, uniform } from '../../src/tensor/random.js';
import { main } from './cli.js';

export interface Killing {
  /** Grows as work is done: none is killed twice without some between. */
  readonly progress: () => number;
  readonly until: AbortSignal;
}

export class Workers implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #workers: ChildProcess[];
  readonly #random = stream(1, 'kills');
  killed = 0;

  /** @param args of `legenda worker` */
  constructor(count: number, args: readonly string[]) {
    this.#args = args;
    this.#workers = Array.from({ length: count }, () => this.#begin());
  }

  /** Kills one after the other, at random moments, `kill -9`: a worker alone, or with the processes of its jobs. */
  async kill(times: number, { progress, until }: Killing): Promise<void> {
    for (let i = 0; i < times && !until.aborted; i++) {
      const before = progress();
      while (progress() === before && !until.aborted) await setTimeout(20);
      await setTimeout(1000 * uniform(this.#random));
      if (until.aborted) return;
      const which = integer(this.#random, 0, this.#workers.length - 1);
      await this.#end(this.#workers[which]!, uniform(this.#random) < 0.5);
      this.#workers[which] = this.#begin();
      this.killed++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#end(worker, true)));
  }

  #begin(): ChildProcess {
    return spawn(process.execPath, [main, 'worker', ...this.#args], { stdio: 'ignore', detached: true });
  }

  async #end(worker: ChildProcess, whole: boolean): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = once(worker, 'exit');
    // a detached process leads a group, of which those of its jobs are
    process.kill(whole ? -worker.pid! : worker.pid!, 'SIGKILL');
    await gone;
  }
}
