import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { NodeRuntime } from '../runtime/node.js';
import type { Runtime } from '../runtime/session.js';
import { readEvents, runState } from '../train/events.js';
import { openRun, type RunRecord } from '../train/record.js';
import { configure } from './configure.js';
import type { Recipe } from './recipe.js';
import { beginRun, continueRun, holdRun, openUnfinished, type Prepared, type RunOptions } from './run.js';
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

export interface TrialOptions<Scores> extends Omit<RunOptions<Scores>, 'runtime' | 'hold'> {
  /** Milliseconds to wait for another process that trains it; 0 by default. */
  readonly patience?: number;
  /** @param begun what the trial was begun on; undefined when it is new */
  readonly runtime: (begun: RunRecord['machine'] | undefined) => Promise<NodeRuntime>;
}

/**
 * Trains a trial in its folder, or goes on with it. One that has ended, well or not, is not repeated.
 * @throws FolderHeld when another process trains it; UsageError when the folder has another run
 */
export async function runTrial<Scores>(
  { settings, ...trial }: Trial,
  recipe: Recipe,
  source: TrialSource<Scores>,
  { runtime: runtimeOf, patience = 0, ...options }: TrialOptions<Scores>,
): Promise<void> {
  const { dir, seed } = trial;
  const configuration = configure(recipe, settings);
  const isOver = async (): Promise<boolean> => {
    if (await isBegun(dir)) checkRecord(dir, await openRun(dir), recipe, configuration, seed);
    return hasEnded(dir);
  };
  if (await isOver()) return;
  // what is in the folder is looked at when nobody else changes it
  await using hold = await holdRun(dir, { patience, signal: options.signal });
  if (await isOver()) return;
  if (!(await isBegun(dir))) {
    const runtime = await runtimeOf(undefined);
    const prepared = await source.prepare(settings, seed, runtime);
    await beginRun({ ...trial, recipe, configuration }, prepared, { ...options, runtime, hold });
    return;
  }
  const record = await openUnfinished(dir);
  const runtime = await runtimeOf(record.machine);
  const prepared = await source.prepare(record.configuration, record.seed, runtime);
  await continueRun(dir, record, prepared, { ...options, runtime, hold });
}

/** A run of other settings would pass for this one's. */
function checkRecord(dir: string, record: RunRecord, recipe: Recipe, configuration: unknown, seed: number): void {
  const isSame =
    record.recipe === recipe.name &&
    record.seed === seed &&
    JSON.stringify(configure(recipe, record.configuration)) === JSON.stringify(configuration);
  if (isSame) return;
  const had = JSON.stringify({ recipe: record.recipe, seed: record.seed, ...record.configuration });
  throw new UsageError(`${dir} has another run (${had}): choose another folder`);
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
