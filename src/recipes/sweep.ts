import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
} from '../train/events.js';
import { configure, parseValue } from './configure.js';
import type { Recipe } from './recipe.js';
import { beginRun, continueRun, openUnfinished, type Prepared, type RunOptions } from './run.js';

/** Values to try of each key; every combination is a trial. `seed` may be one of the keys. */
export type Grid = Readonly<Record<string, readonly unknown[]>>;

export interface Trial {
  readonly name: string;
  readonly dir: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

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
  /** Of the last epoch. */
  readonly validation: Measures | null;
  readonly test: Measures | null;
  readonly seconds: number;
}

/**
 * `key=a,b,c` as a grid's row; a list value is written as JSON.
 * @throws UsageError when there is no `=` or no value
 */
export function parseGrid(rows: readonly string[]): Grid {
  const grid = new Map<string, unknown[]>();
  for (const row of rows) {
    const at = row.indexOf('=');
    const values = at < 1 ? [] : splitValues(row.slice(at + 1));
    if (values.length === 0 || values.some((value) => value === ''))
      throw new UsageError(`grid "${row}": key=a,b,c is expected`);
    const key = row.slice(0, at);
    if (grid.has(key)) throw new UsageError(`grid: "${key}" comes twice`);
    grid.set(key, values.map(parseValue));
  }
  return Object.fromEntries(grid);
}

/** Splits at commas that are not inside brackets. */
const splitValues = (text: string): string[] => text.split(/,(?![^[]*\])/);

/**
 * Every combination, the last key fastest.
 * @throws UsageError when a combination is no configuration of the recipe, or comes twice
 */
export function trialsOf(
  recipe: Recipe,
  settings: Readonly<Record<string, unknown>>,
  grid: Grid,
  seed: number,
  dir: string,
): Trial[] {
  const combinations = Object.entries(grid).reduce<Record<string, unknown>[]>(
    (before, [key, values]) => before.flatMap((chosen) => values.map((value) => ({ ...chosen, [key]: value }))),
    [{}],
  );
  const trials = combinations.map((chosen): Trial => {
    const { seed: ownSeed = seed, ...changes } = chosen;
    const own = z.int().min(0).safeParse(ownSeed);
    if (!own.success) throw new UsageError(`seed: a whole number from 0 is expected, got ${JSON.stringify(ownSeed)}`);
    const all = { ...settings, ...changes };
    configure(recipe, all);
    const name = Object.entries(chosen)
      .map(([key, value]) => `${key}=${String(value).replaceAll(/[^\w.+-]+/g, '_')}`)
      .join(',');
    return { name: name || 'only', dir: join(dir, name || 'only'), settings: all, seed: own.data };
  });
  const names = trials.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`grid: two trials would have the name "${twice}"`);
  return trials;
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

/** Puts trials together with their data. */
export interface TrialSource<Scores> {
  /** sha256 of the data by file name: a sweep goes on with no other. */
  readonly digests: Readonly<Record<string, string>>;
  /** @param settings changes to the recipe's configuration */
  prepare(settings: Readonly<Record<string, unknown>>, seed: number): Prepared<Scores> | Promise<Prepared<Scores>>;
}

export interface SweepOptions<Scores> extends RunOptions<Scores> {
  readonly onTrial?: (trial: Trial, index: number, trials: readonly Trial[]) => void;
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
 * Runs every trial in a folder of its own below `dir`, one after the other. Finished trials are not repeated, begun ones
 * are resumed; one that fails or diverges does not stop the others. The table is saved as `sweep.json` after each.
 *
 * @throws UsageError when `dir` holds another sweep, or anything else
 */
export async function sweep<Scores>(
  plan: SweepPlan,
  source: TrialSource<Scores>,
  options: SweepOptions<Scores>,
): Promise<TrialResult[]> {
  const { recipe, settings, grid, seed, dir } = plan;
  const trials = trialsOf(recipe, settings, grid, seed, dir);
  const about: About = { format: 1, recipe: recipe.name, settings, grid, seed, digests: { ...source.digests } };
  await openSweep(dir, about);
  /** Why a trial did not even begin, by its folder; afterwards its own events say it. */
  const failures = new Map<string, string>();
  // Whose folder it is must be known before a kill can leave a trial in it.
  await saveTable(dir, about, await tableOf(recipe, trials, failures));
  for (const [index, trial] of trials.entries()) {
    if (options.signal?.aborted) break;
    options.onTrial?.(trial, index, trials);
    try {
      await runTrial(trial, recipe, source, options);
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
      failures.set(trial.dir, error.message);
    }
    await saveTable(dir, about, await tableOf(recipe, trials, failures));
  }
  return tableOf(recipe, trials, failures);
}

async function runTrial<Scores>(
  { settings, ...trial }: Trial,
  recipe: Recipe,
  source: TrialSource<Scores>,
  options: SweepOptions<Scores>,
): Promise<void> {
  const { dir, seed } = trial;
  if (!(await exists(join(dir, 'run.json')))) {
    const configuration = configure(recipe, settings);
    await beginRun({ ...trial, recipe, configuration }, await source.prepare(settings, seed), options);
    return;
  }
  const state = runState(await readEvents(dir));
  if (state !== 'running' && state !== 'interrupted' && state !== 'failed') return;
  const record = await openUnfinished(dir);
  await continueRun(dir, record, await source.prepare(record.configuration, record.seed), options);
}

/** The table as the run folders have it now. */
const tableOf = (
  { kind }: Recipe,
  trials: readonly Trial[],
  failures: ReadonlyMap<string, string>,
): Promise<TrialResult[]> =>
  Promise.all(
    trials.map((trial) => resultOf(trial, kind === 'classifier' ? 'accuracy' : 'bleu4', failures.get(trial.dir))),
  );

async function resultOf(trial: Trial, measure: MeasureName, failed: string | undefined): Promise<TrialResult> {
  const begun = await exists(join(trial.dir, 'run.json'));
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
    measure,
    validation: last?.validation ?? null,
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
