import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../runtime/session.js';
import { readEvents, runState } from '../train/events.js';
import type { RunRecord } from '../train/record.js';
import { configure } from './configure.js';
import type { Recipe } from './recipe.js';
import { beginRun, continueRun, openUnfinished, type Prepared, type RunOptions } from './run.js';
import type { Trial } from './sweep/trials.js';

/** Puts trials together with their data. */
export interface TrialSource<Scores> {
  /** @param settings changes to the recipe's configuration */
  prepare(
    settings: Readonly<Record<string, unknown>>,
    seed: number,
    runtime: Runtime,
  ): Prepared<Scores> | Promise<Prepared<Scores>>;
}

export interface TrialOptions<Scores> extends Omit<RunOptions<Scores>, 'runtime'> {
  /** @param begun what the trial was begun on; undefined when it is new */
  readonly runtime: (begun: RunRecord['machine'] | undefined) => Promise<Runtime>;
}

/** Trains a trial in its folder, or goes on with it, as far as it is to go. One that has ended, well or not, is not repeated. */
export async function runTrial<Scores>(
  { settings, ...trial }: Trial,
  recipe: Recipe,
  source: TrialSource<Scores>,
  { runtime: runtimeOf, ...options }: TrialOptions<Scores>,
): Promise<void> {
  const { dir, seed } = trial;
  if (!(await isBegun(dir))) {
    const configuration = configure(recipe, settings);
    const runtime = await runtimeOf(undefined);
    const prepared = await source.prepare(settings, seed, runtime);
    await beginRun({ ...trial, recipe, configuration }, prepared, { ...options, runtime });
    return;
  }
  if (await hasEnded(dir)) return;
  const record = await openUnfinished(dir);
  const runtime = await runtimeOf(record.machine);
  const prepared = await source.prepare(record.configuration, record.seed, runtime);
  await continueRun(dir, record, prepared, { ...options, runtime });
}

export const isBegun = (dir: string): Promise<boolean> =>
  stat(join(dir, 'run.json')).then(
    () => true,
    () => false,
  );

/** Whether there is nothing left to do in a trial's folder. @throws LegendaError when what is there cannot be read */
export async function hasEnded(dir: string): Promise<boolean> {
  if (!(await isBegun(dir))) return false;
  const state = runState(await readEvents(dir));
  return state === 'done' || state === 'stopped-early' || state === 'diverged';
}

/** Whether a trial has come to the end of an epoch and goes on only when it is told to. */
export async function hasPaused(dir: string, epoch: number): Promise<boolean> {
  if (!(await isBegun(dir))) return false;
  const events = await readEvents(dir);
  return runState(events) === 'paused' && events.filter(({ type }) => type === 'epoch').length >= epoch;
}
