import { type Hold, type HoldOptions, holdFolder } from '../data/hold-folder.js';
import { UsageError } from '../errors.js';
import { type AnyModule, countParameters } from '../nn/module.js';
import type { NodeRuntime } from '../runtime/node.js';
import type { Tensor } from '../tensor/tensor.js';
import { resumeCheckpoint } from '../train/checkpoint.js';
import { readEvents, runState } from '../train/events.js';
import { type FitOptions, type FitResult, fitTask, type Trained } from '../train/fit.js';
import { createRun, openRun, type RunRecord } from '../train/record.js';
import type { Task } from '../train/task.js';
import { describeMachine, describeVersions } from './machine.js';
import { readWeights, type Weights } from './weights.js';

/** A recipe put together with its configuration, seed and data: what can be run. */
export interface Prepared<Scores> {
  readonly task: Task<Scores>;
  readonly model: AnyModule;
  readonly dataset: RunRecord['dataset'];
  /** The conditions of scores on a split, as one line, where numbers alone do not say them. */
  signature?(split: 'validation' | 'test'): string;
  /** Writes into the run folder what its checkpoints cannot be used without. */
  begin?(dir: string): Promise<void>;
  /** Writes into the run folder what reports and applications take. */
  finish(dir: string, trained: Trained<Scores>): Promise<void>;
}

/** What a run is begun with besides what is prepared. */
export interface Beginning {
  readonly recipe: { readonly name: string; readonly title: string };
  /** Every key resolved, as the recipe's schema gives it. */
  readonly configuration: unknown;
  readonly seed: number;
  /** A new or empty folder. */
  readonly dir: string;
  /** What the parameters are at first; drawn from the seed when left out. */
  readonly weights?: Weights;
}

/** How a caller listens to a run; what is finished is the run's own business. */
export interface RunOptions<Scores> extends Omit<FitOptions<Scores>, 'onTrained' | 'initial' | 'guard' | 'runtime'> {
  readonly runtime: NodeRuntime;
  /** The folder's, where it is held already. */
  readonly hold?: Hold;
}

/** Trains in a new run folder. @throws UsageError when the folder is not new or empty */
export async function beginRun<Scores>(
  { recipe, configuration, seed, dir, weights }: Beginning,
  prepared: Prepared<Scores>,
  options: RunOptions<Scores>,
): Promise<FitResult<Scores>> {
  await createRun(dir, {
    format: 1,
    recipe: recipe.name,
    title: recipe.title,
    configuration: configuration as Record<string, unknown>,
    seed,
    versions: describeVersions(options.runtime.version),
    machine: describeMachine(options.runtime),
    dataset: prepared.dataset,
    ...(weights && { weights: { source: weights.source, sha256: weights.sha256 } }),
    parameters: countParameters(prepared.model),
    created: new Date().toISOString(),
  });
  return train(dir, prepared, options, weights?.parameters);
}

/** The record of a run that has not ended. @throws UsageError when it has */
export async function openUnfinished(dir: string): Promise<RunRecord> {
  const record = await openRun(dir);
  const state = runState(await readEvents(dir));
  if (state === 'done' || state === 'stopped-early' || state === 'diverged') {
    throw new UsageError(`the run ${dir} has ended (${state}): there is nothing to resume`);
  }
  return record;
}

/**
 * Goes on with a run from its last checkpoint, to the same bits as if it had never stopped.
 * @param prepared anew from the run's record
 * @throws UsageError when data, thread count or (before its first checkpoint) the file of its first parameters are not what
 *   it was started with
 */
export async function continueRun<Scores>(
  dir: string,
  record: RunRecord,
  prepared: Prepared<Scores>,
  options: RunOptions<Scores>,
): Promise<FitResult<Scores>> {
  if (JSON.stringify(prepared.dataset.digests) !== JSON.stringify(record.dataset.digests)) {
    throw new UsageError(
      `the run ${dir} was started on other data (${record.dataset.name} from ${record.dataset.source})`,
    );
  }
  if (options.runtime.device !== record.machine.device) {
    throw new UsageError(
      `the run ${dir} was started on the device "${record.machine.device}"; other bits would come of "${options.runtime.device}"`,
    );
  }
  if (options.runtime.threads !== record.machine.threads) {
    throw new UsageError(
      `the run ${dir} was started with ${record.machine.threads} threads; other bits would come of ${options.runtime.threads}`,
    );
  }
  return train(dir, prepared, options, await firstParameters(dir, record, prepared.model));
}

/** What a run that has not saved a checkpoint yet was given to begin with. */
async function firstParameters(
  dir: string,
  { weights }: RunRecord,
  model: AnyModule,
): Promise<ReadonlyMap<string, Tensor> | undefined> {
  if (weights === undefined || (await resumeCheckpoint(dir)) !== undefined) return undefined;
  const { parameters, sha256 } = await readWeights(weights.source, model);
  if (sha256 !== weights.sha256) {
    throw new UsageError(`${weights.source} is not the file that the run ${dir} was started from: it has changed`);
  }
  return parameters;
}

/** One process at a time trains in a folder: two would write over each other's checkpoints. */
export const holdRun = (dir: string, options: HoldOptions = {}): Promise<Hold> =>
  holdFolder(dir, `the run ${dir} is being trained`, options);

async function train<Scores>(
  dir: string,
  { task, begin, finish }: Prepared<Scores>,
  { hold: given, ...options }: RunOptions<Scores>,
  initial: ReadonlyMap<string, Tensor> | undefined,
): Promise<FitResult<Scores>> {
  const hold = given ?? (await holdRun(dir, { signal: options.signal }));
  try {
    await begin?.(dir);
    return await fitTask(dir, task, {
      ...options,
      ...(initial && { initial }),
      guard: () => hold.check(),
      onStep(progress) {
        hold.lost.throwIfAborted();
        options.onStep?.(progress);
      },
      onTrained: (trained) => finish(dir, trained),
    });
  } finally {
    if (given === undefined) await hold[Symbol.asyncDispose]();
  }
}
