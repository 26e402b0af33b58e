import { LegendaError } from '../../errors.js';
import {
  type MeasureName,
  type Measures,
  measureNames,
  type RunEvent,
  type RunState,
  readEvents,
  runState,
  selectedEpoch,
} from '../../train/events.js';
import { selectionOf } from '../configure.js';
import type { Recipe } from '../recipe.js';
import { isBegun } from '../run-trial.js';
import {
  type HalvingRule,
  lastRung,
  nextPieces,
  type Piece,
  type Rung,
  rungsOf,
  type Standing,
  scoreAt,
} from './halving.js';
import { standingOf } from './standing.js';
import type { Trial } from './trials.js';

/** A row of a sweep's table. */
export interface TrialResult {
  readonly recipe: string;
  readonly name: string;
  readonly dir: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** `halted`: paused, and not among those that go on. */
  readonly state: RunState | 'waiting' | 'halted';
  readonly message?: string;
  readonly epochs: number;
  /** Where it was compared last, null before the first time; absent without halving. */
  readonly rung?: { readonly epochs: number; readonly score: number } | null;
  readonly trainLoss: number | null;
  readonly trainLossSinceStart: number | null;
  /** By which trials are compared, on validation; larger is better. */
  readonly measure: MeasureName;
  /** Of the epoch that is selected: the last, or the best on validation. */
  readonly validation: Measures | null;
  readonly test: Measures | null;
  readonly seconds: number;
}

/** A rung of successive halving, with its trials by name. */
export interface RungResult {
  readonly recipe: string;
  readonly epochs: number;
  /** Those that came, or are to come, to it; without a score the others, and those that diverged on the way. */
  readonly trials: readonly { readonly name: string; readonly score: number | null }[];
  /** Those that went on. */
  readonly promoted: readonly string[];
  /** Whether no other trial comes or goes on. */
  readonly isComplete: boolean;
}

/** What a sweep has come to. */
export interface SweepTable {
  readonly trials: readonly TrialResult[];
  readonly best: TrialResult | undefined;
  /** Absent without halving. */
  readonly rungs?: readonly RungResult[];
}

/** A table, and what is to be done next. */
export interface SweepLook extends SweepTable {
  /** Of a sweep that halves: what may be trained now, what matters most first. */
  readonly pieces: readonly Piece[];
}

/** What a table is made of besides the run folders. */
export interface TableOptions {
  readonly recipe: Recipe;
  readonly rule: HalvingRule | undefined;
  /** Why trials did not even begin, or their processes ended, by folder: they are out until they are tried again. */
  readonly failures: ReadonlyMap<string, string>;
}

/** The table as the run folders have it now; what is to be trained next follows from nothing else. */
export async function lookAt(trials: readonly Trial[], { recipe, rule, failures }: TableOptions): Promise<SweepLook> {
  const read = await Promise.all(trials.map((trial) => readTrial(trial, recipe, rule, failures.get(trial.dir))));
  const rows = read.map(({ row }) => row);
  if (rule === undefined) return { trials: rows, best: bestOf(rows), pieces: [] };
  const standings = read.map(({ standing }) => standing!);
  const rungs = rungsOf(standings, rule);
  const ranked = rows.map((row, trial) => rowAt(row, trial, standings[trial]!, rungs));
  const nameOf = (trial: number): string => trials[trial]!.name;
  return {
    trials: ranked,
    best: bestOf(ranked),
    rungs: rungs.map(({ epochs, trials: members, promoted, isComplete }, k) => ({
      recipe: recipe.name,
      epochs,
      trials: members.map((trial) => ({ name: nameOf(trial), score: scoreAt(standings[trial]!, k) ?? null })),
      promoted: promoted.map(nameOf),
      isComplete,
    })),
    pieces: nextPieces(standings, rule),
  };
}

/** Where it stands among the others. */
function rowAt(row: TrialResult, trial: number, standing: Standing, rungs: readonly Rung[]): TrialResult {
  const last = lastRung(trial, standing, rungs);
  const rung = rungs[last];
  if (rung === undefined) return { ...row, rung: null };
  const isHalted = rung.isComplete && !rung.promoted.includes(trial) && isOpen(row);
  return {
    ...row,
    ...(isHalted && { state: 'halted' }),
    rung: { epochs: rung.epochs, score: scoreAt(standing, last)! },
  };
}

const isOpen = ({ state }: TrialResult): boolean =>
  state === 'paused' || state === 'interrupted' || state === 'running';

async function readTrial(trial: Trial, recipe: Recipe, rule: HalvingRule | undefined, failed: string | undefined) {
  const begun = await isBegun(trial.dir);
  const events = begun ? await readEvents(trial.dir).catch(noneWhenDamaged) : [];
  const measure: MeasureName = recipe.kind === 'classifier' ? 'accuracy' : 'bleu4';
  const select = selectionOf(recipe, trial.settings);
  const epochs = events.filter((event) => event.type === 'epoch');
  const last = epochs.at(-1);
  const test = events.findLast((event) => event.type === 'test');
  const end = events.findLast((event) => event.type === 'end');
  const failure = failed ?? end?.message;
  const row: TrialResult = {
    recipe: recipe.name,
    ...trial,
    state: failed !== undefined ? 'failed' : begun ? runState(events) : 'waiting',
    ...(failure !== undefined && { message: failure }),
    epochs: epochs.length,
    trainLoss: last?.trainLoss ?? null,
    trainLossSinceStart: last?.trainLossSinceStart ?? null,
    measure,
    validation: selectedEpoch(events, select)?.validation ?? null,
    test: test ? measuresOf(test) : null,
    seconds: end?.seconds ?? 0,
  };
  if (rule === undefined) return { row };
  const standing = standingOf(events, rule.rungs, { measure, select });
  return { row, standing: failed === undefined ? standing : { ...standing, state: 'out' as const } };
}

/** The measures of a test, without what else its event says. */
const measuresOf = (test: Measures): Measures =>
  Object.fromEntries(measureNames.flatMap((name) => (test[name] === undefined ? [] : [[name, test[name]]])));

/**
 * The trial that did best on validation of those that ended well; with halving, of those that were compared after the most epochs,
 * as good as they were there.
 */
export function bestOf(results: readonly TrialResult[]): TrialResult | undefined {
  const scored = results.filter((result) => isSound(result) && !Number.isNaN(scoreOf(result)));
  const furthest = Math.max(...scored.map(({ rung }) => rung?.epochs ?? 0));
  return scored
    .filter(({ rung }) => (rung?.epochs ?? 0) === furthest)
    .reduce<TrialResult | undefined>(
      (best, result) => (best === undefined || scoreOf(result) > scoreOf(best) ? result : best),
      undefined,
    );
}

/** The best of several recipes: of the best of each, as far as they ended well, the one that did best on validation in the end. */
export function bestAcross(tables: readonly SweepTable[]): TrialResult | undefined {
  if (tables.length === 1) return tables[0]!.best;
  const bests = tables.flatMap(({ best }) => best ?? []);
  const ended = bests.filter(({ state }) => state === 'done' || state === 'stopped-early');
  const value = ({ validation, measure }: TrialResult): number => validation?.[measure] ?? Number.NaN;
  return ended.toSorted((a, b) => value(b) - value(a))[0];
}

const isSound = ({ state, rung }: TrialResult): boolean =>
  rung === undefined ? state === 'done' || state === 'stopped-early' : state !== 'failed' && state !== 'diverged';

const scoreOf = ({ validation, measure, rung }: TrialResult): number =>
  (rung === undefined ? validation?.[measure] : rung?.score) ?? Number.NaN;

/** The trial's row then says what is damaged, because running it failed of the same. */
function noneWhenDamaged(error: unknown): RunEvent[] {
  if (error instanceof LegendaError) return [];
  throw error;
}
