import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import { configure } from '../../recipes/configure.js';
import type { Recipe } from '../../recipes/recipe.js';
import { recipeNamed } from '../../recipes/table.js';
import type { IndexedRun } from './run-index.js';

/** A training to begin. */
export interface NewTraining {
  readonly recipe: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Whether to train on the bundled sample. */
  readonly sample: boolean;
}

/** How a training of ours goes. */
export interface TrainingProcess {
  readonly dir: string;
  readonly state: 'running' | 'ended' | 'failed';
  /** What it said last, where it failed. */
  readonly message: string | undefined;
}

interface OwnProcess {
  readonly child: ChildProcess;
  readonly process: TrainingProcess;
  stop(): void;
}

/** Milliseconds without an event after which a run that has not ended counts as killed: checkpoints come every minute. */
const silence = 5 * 60_000;

/** The most trainings of ours at once. */
const mostTrainings = 8;

/** Begins trainings as the command line does, each in a process of its own, and stops them as Ctrl-C does. */
export class Trainings {
  readonly #command: readonly string[];
  readonly #root: string;
  readonly #options: readonly string[];
  /** By folder, as `realpath` has it. */
  readonly #processes = new Map<string, OwnProcess>();

  /**
   * @param command that runs `legenda`, with its first arguments
   * @param root the folder that new runs are put into
   * @param options for every training, such as `--data`
   */
  constructor(command: readonly string[], root: string, options: readonly string[]) {
    this.#command = command;
    this.#root = root;
    this.#options = options;
  }

  /** The latest last. */
  get all(): TrainingProcess[] {
    return [...this.#processes.values()].map(({ process }) => process);
  }

  /**
   * @throws LegendaError when recipe or settings are not accepted, or too many trainings go on
   */
  async start({ recipe: name, settings, seed, sample }: NewTraining): Promise<void> {
    const recipe = recipeNamed(name);
    checkSample(recipe, sample);
    const configuration = configure(recipe, settings);
    // an impossible network is refused now, not in the process
    if (recipe.kind === 'classifier') recipe.model(configuration);
    await mkdir(this.#root, { recursive: true });
    const dir = join(
      await realpath(this.#root),
      `${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${seed}`,
    );
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
    this.#spawn(dir, [name, ...set, '--seed', String(seed), ...(sample ? ['--sample'] : []), '--out', dir]);
  }

  /** @throws UsageError when it goes on already, here or elsewhere */
  resume({ dir, record, history }: IndexedRun): void {
    const { state, heard } = history.progress;
    if (state === 'running' && heard !== null && Date.now() - Date.parse(heard) < silence)
      throw new UsageError('it may be trained elsewhere: it was heard of less than five minutes ago');
    this.#spawn(dir, [record.recipe, '--resume', dir]);
  }

  /** Asks a training of ours to save and end. @returns false when it is not ours, or has ended */
  stop(dir: string): boolean {
    const own = this.#processes.get(dir);
    if (own?.process.state !== 'running') return false;
    own.stop();
    return true;
  }

  /** Asks all to save and end; resolves when they have. */
  async stopAll(): Promise<void> {
    const running = [...this.#processes.values()].filter(({ process }) => process.state === 'running');
    await Promise.all(
      running.map(({ child, stop }) => {
        stop();
        return new Promise((resolve) => child.once('close', resolve));
      }),
    );
  }

  #spawn(dir: string, args: readonly string[]): void {
    const running = this.all.filter(({ state }) => state === 'running');
    if (running.some((other) => other.dir === dir)) throw new UsageError('it is being trained already');
    if (running.length >= mostTrainings) throw new UsageError(`${mostTrainings} trainings go on already`);
    const [program, ...first] = this.#command as [string, ...string[]];
    const given = [...first, 'train', ...args, ...this.#options];
    // in a group of its own, so that Ctrl-C in the terminal is ours to hand on
    const child = spawn(program, given, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let asked = false;
    /** Once: a second signal would end it before it has saved. */
    const stop = () => {
      if (!asked) child.kill('SIGINT');
      asked = true;
    };
    const set = (state: TrainingProcess['state'], message?: string) =>
      this.#processes.set(dir, { child, stop, process: { dir, state, message } });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.on('error', ({ message }) => set('failed', message));
    child.on('close', (status, signal) => {
      // one that was asked to stop may have been too young to hear it
      if (status === 0 || status === 130 || (asked && signal === 'SIGINT')) set('ended');
      else set('failed', said.trim().split('\n').at(-1));
    });
    this.#processes.delete(dir);
    set('running');
  }
}

function checkSample(recipe: Recipe, sample: boolean): void {
  if (recipe.kind === 'classifier' && recipe.training === undefined)
    throw new UsageError(`${recipe.name} is a network that is counted; it has no training`);
  if (sample && recipe.kind === 'captioner')
    throw new UsageError(`${recipe.name} is a captioner: there is no sample for it`);
}
