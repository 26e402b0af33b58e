import pLimit, { type LimitFunction } from 'p-limit';
import { LegendaError } from '../../errors.js';
import { removeTemporaries } from '../../files.js';
import { aboutOf, checkSweep, isSweep, saveSweep } from './folder.js';
import type { SweepPlan } from './plan.js';
import { halvingRule } from './rule.js';
import { runPieces } from './run-pieces.js';
import { lookAt, type SweepLook, type SweepTable } from './table.js';
import { type Trial, trialsOf } from './trials.js';

/** A trial that is to be trained, or gone on with. */
export interface TrialTask {
  readonly trial: Trial;
  /** Its number of them, from 0. */
  readonly index: number;
  readonly trials: readonly Trial[];
  /** Where it is to pause; at its end when left out. */
  readonly untilEpoch?: number;
}

export interface SweepOptions {
  /** sha256 of the data by file name: a sweep goes on with no other. */
  readonly digests: Readonly<Record<string, string>>;
  /** Trains one (see `runTrial`). A LegendaError ends this trial and not the sweep. */
  readonly run: (task: TrialTask) => Promise<void>;
  /** Once aborted, no further trial begins. */
  readonly signal?: AbortSignal;
  /** Called once the folder is found to be this sweep's, before anything is written there. */
  readonly begin?: () => Promise<void>;
  /** How many run at once; one after the other when left out. Sweeps may share one. */
  readonly limit?: LimitFunction;
}

/**
 * Runs every trial in a folder of its own below `dir`. Finished trials are not repeated, begun ones are resumed; one that
 * fails or diverges does not stop the others. The table is saved as `sweep.json` after each.
 *
 * @throws UsageError when `dir` holds another sweep, or anything else
 */
export const sweep = async (plan: SweepPlan, options: SweepOptions): Promise<SweepTable> =>
  (await prepareSweep(plan, options))();

/**
 * A sweep whose folder is its own already. Calling it lines up its trials at once: of sweeps that share a limit, those of the first
 * that is called begin first.
 *
 * @throws UsageError when `dir` holds another sweep, or anything else
 */
export async function prepareSweep(
  plan: SweepPlan,
  { digests, run, signal, begin, limit = pLimit(1) }: SweepOptions,
): Promise<() => Promise<SweepTable>> {
  const { recipe, dir } = plan;
  const trials = trialsOf(plan);
  const rule = halvingRule(plan, trials.length);
  const about = aboutOf(plan, digests);
  await checkSweep(dir, about);
  await begin?.();
  if (await isSweep(dir)) await removeTemporaries(dir);
  /** Why a trial did not even begin, by its folder; afterwards its own events say it. */
  const failures = new Map<string, string>();
  const oneByOne = pLimit(1);
  const save = (): Promise<SweepLook> =>
    oneByOne(async () => {
      const look = await lookAt(trials, { recipe, rule, failures });
      await saveSweep(dir, about, look);
      return look;
    });
  const runOne = async (index: number, untilEpoch?: number): Promise<void> => {
    const trial = trials[index]!;
    try {
      await run({ trial, index, trials, ...(untilEpoch !== undefined && { untilEpoch }) });
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
      failures.set(trial.dir, error.message);
    }
  };
  // Whose folder it is must be known before a kill can leave a trial in it.
  await save();
  return async () => {
    if (rule === undefined) {
      await limit.map(trials, async (_, index) => {
        if (signal?.aborted) return;
        await runOne(index);
        await save();
      });
    } else {
      const look = async () => (await save()).pieces;
      await runPieces({ look, run: ({ trial, untilEpoch }) => runOne(trial, untilEpoch), limit, signal });
    }
    const { pieces: _, ...table } = await lookAt(trials, { recipe, rule, failures });
    return table;
  };
}

/** What a sweep has come to by now, whoever runs it, by its folder. */
export async function tableIn(plan: SweepPlan): Promise<SweepTable> {
  const trials = trialsOf(plan);
  const rule = halvingRule(plan, trials.length);
  const { pieces: _, ...table } = await lookAt(trials, { recipe: plan.recipe, rule, failures: new Map() });
  return table;
}
