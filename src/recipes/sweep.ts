import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { z } from 'zod';
import { LegendaError, UsageError } from '../errors.js';
import { describeFileError, isTemporary, removeTemporaries, writeFileAtomic } from '../files.js';
import { readJson } from '../json.js';
import {
  type MeasureName,
  type Measures,
  measureNames,
  type RunEvent,
  type RunState,
  readEvents,
  runState,
  selectedEpoch,
} from '../train/events.js';
import { selectionOf } from './configure.js';
import type { Recipe } from './recipe.js';
import { isBegun } from './run-trial.js';
import { type Grid, type Trial, trialsOf } from './trials.js';

/** A row of a sweep's table. */
export interface TrialResult {
  readonly name: string;
  readonly dir: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly state: RunState | 'waiting';
  readonly message?: string;
  readonly epochs: number;
  readonly trainLoss: number | null;
  readonly trainLossSinceStart: number | null;
  /** By which trials are compared, on validation; larger is better. */
  readonly measure: MeasureName;
  /** Of the epoch that is selected: the last, or the best on validation. */
  readonly validation: Measures | null;
  readonly test: Measures | null;
  readonly seconds: number;
}

export interface SweepPlan {
  readonly recipe: Recipe;
  /** Common to all trials. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly grid: Grid;
  /** Where the grid has none. */
  readonly seed: number;
  readonly dir: string;
}

export interface SweepOptions {
  /** sha256 of the data by file name: a sweep goes on with no other. */
  readonly digests: Readonly<Record<string, string>>;
  /** Trains one (see `runTrial`). A LegendaError ends this trial and not the sweep. */
  readonly run: (trial: Trial, index: number, trials: readonly Trial[]) => Promise<void>;
  /** Once aborted, no further trial begins. */
  readonly signal?: AbortSignal;
  /** How many run at once; one after the other when left out. Sweeps may share one. */
  readonly limit?: LimitFunction;
}

const fileName = 'sweep.json';

const sweepSchema = z.looseObject({
  format: z.literal(1),
  recipe: z.string(),
  settings: z.record(z.string(), z.unknown()),
  grid: z.record(z.string(), z.array(z.unknown()).readonly()),
  seed: z.int(),
  /** SHA-256 in hexadecimal by file name. */
  digests: z.record(z.string(), z.string()),
});

type About = z.infer<typeof sweepSchema>;

/**
 * Runs every trial in a folder of its own below `dir`. Finished trials are not repeated, begun ones are resumed; one that
 * fails or diverges does not stop the others. The table is saved as `sweep.json` after each.
 *
 * @throws UsageError when `dir` holds another sweep, or anything else
 */
export const sweep = async (plan: SweepPlan, options: SweepOptions): Promise<TrialResult[]> =>
  (await prepareSweep(plan, options))();

/**
 * A sweep whose folder is its own already. Calling it lines up its trials at once: of sweeps that share a limit, those of the first
 * that is called begin first.
 *
 * @throws UsageError when `dir` holds another sweep, or anything else
 */
export async function prepareSweep(
  { recipe, settings, grid, seed, dir }: SweepPlan,
  { digests, run, signal, limit = pLimit(1) }: SweepOptions,
): Promise<() => Promise<TrialResult[]>> {
  const trials = trialsOf(recipe, settings, grid, seed, dir);
  const about: About = { format: 1, recipe: recipe.name, settings, grid, seed, digests: { ...digests } };
  await openSweep(dir, about);
  /** Why a trial did not even begin, by its folder; afterwards its own events say it. */
  const failures = new Map<string, string>();
  const oneByOne = pLimit(1);
  const save = () => oneByOne(async () => saveTable(dir, about, await tableOf(recipe, trials, failures)));
  // Whose folder it is must be known before a kill can leave a trial in it.
  await save();
  return async () => {
    await limit.map(trials, async (trial, index) => {
      if (signal?.aborted) return;
      try {
        await run(trial, index, trials);
      } catch (error) {
        if (!(error instanceof LegendaError)) throw error;
        failures.set(trial.dir, error.message);
      }
      await save();
    });
    return tableOf(recipe, trials, failures);
  };
}

/** The table as the run folders have it now. */
const tableOf = (
  recipe: Recipe,
  trials: readonly Trial[],
  failures: ReadonlyMap<string, string>,
): Promise<TrialResult[]> => Promise.all(trials.map((trial) => resultOf(trial, recipe, failures.get(trial.dir))));

async function resultOf(trial: Trial, recipe: Recipe, failed: string | undefined): Promise<TrialResult> {
  const begun = await isBegun(trial.dir);
  const events = begun ? await readEvents(trial.dir).catch(noneWhenDamaged) : [];
  const epochs = events.filter((event) => event.type === 'epoch');
  const last = epochs.at(-1);
  const test = events.findLast((event) => event.type === 'test');
  const end = events.findLast((event) => event.type === 'end');
  const failure = failed ?? end?.message;
  return {
    ...trial,
    state: failed !== undefined ? 'failed' : begun ? runState(events) : 'waiting',
    ...(failure !== undefined && { message: failure }),
    epochs: epochs.length,
    trainLoss: last?.trainLoss ?? null,
    trainLossSinceStart: last?.trainLossSinceStart ?? null,
    measure: recipe.kind === 'classifier' ? 'accuracy' : 'bleu4',
    validation: selectedEpoch(events, selectionOf(recipe, trial.settings))?.validation ?? null,
    test: test ? measuresOf(test) : null,
    seconds: end?.seconds ?? 0,
  };
}

/** The measures of a test, without what else its event says. */
const measuresOf = (test: Measures): Measures =>
  Object.fromEntries(measureNames.flatMap((name) => (test[name] === undefined ? [] : [[name, test[name]]])));

/** The trial that did best on validation of those that ended well. */
export function bestOf(results: readonly TrialResult[]): TrialResult | undefined {
  const scoreOf = ({ validation, measure }: TrialResult): number => validation?.[measure] ?? Number.NaN;
  return results
    .filter((result) => (result.state === 'done' || result.state === 'stopped-early') && !Number.isNaN(scoreOf(result)))
    .reduce<TrialResult | undefined>(
      (best, result) => (best === undefined || scoreOf(result) > scoreOf(best) ? result : best),
      undefined,
    );
}

/** The trial's row then says what is damaged, because running it failed of the same. */
function noneWhenDamaged(error: unknown): RunEvent[] {
  if (error instanceof LegendaError) return [];
  throw error;
}

/** Sees to it that `dir` is a folder for this sweep: new, empty, or with an earlier part of it. */
async function openSweep(dir: string, about: About): Promise<void> {
  const path = join(dir, fileName);
  if (await exists(path)) {
    const { trials: _, best: __, ...before } = await readJson(path, sweepSchema);
    if (JSON.stringify(before) === JSON.stringify(about)) return removeTemporaries(dir);
    const { recipe, settings, grid, seed } = before;
    const what = JSON.stringify({ recipe, settings, grid, seed });
    const data = JSON.stringify(before.digests) === JSON.stringify(about.digests) ? '' : ' on other data';
    throw new UsageError(`${dir} holds another sweep${data} (${what}): choose another folder`);
  }
  const other = (await exists(dir)) ? (await namesIn(dir)).find((name) => !isTemporary(name)) : undefined;
  if (other !== undefined) {
    throw new UsageError(`${dir} is not empty (it has "${other}"): choose a new or empty folder for the sweep`);
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    throw describeFileError(error, `cannot open the folder ${dir}`);
  }
}

async function saveTable(dir: string, about: About, trials: readonly TrialResult[]): Promise<void> {
  const best = bestOf(trials)?.name ?? null;
  await writeFileAtomic(join(dir, fileName), `${JSON.stringify({ ...about, best, trials }, null, 2)}\n`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
