import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { Recipe } from '../recipes/recipe.js';
import type { Prepared } from '../recipes/run.js';
import type { NodeRuntime } from '../runtime/node.js';
import type { Measures } from '../train/events.js';
import type { FitResult } from '../train/fit.js';
import type { RunRecord } from '../train/record.js';
import { dataProgress } from './data-progress.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import {
  addCaptionerOptions,
  type CaptionerOptions,
  dataOption,
  deviceOption,
  jsonOption,
  sampleOption,
  seedOption,
  setOption,
  shorthands,
  threadsOption,
  wholeNumber,
} from './frame/options.js';
import { note, print, printJson, warn } from './frame/output.js';
import { type ComputeOptions, openRuntime } from './frame/runtime.js';
import { trainingProgress } from './training-progress.js';

interface Options extends CaptionerOptions, ComputeOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: string;
  readonly weights?: string;
  readonly seed: number;
  readonly checkpointSteps?: number;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a recipe in a run folder, or go on with one')
    .argument('<recipe>', 'such as fashion-cnn')
    .addOption(setOption());
  return addCaptionerOptions(command)
    .option('--out <dir>', 'the run folder, new or empty (default: runs/RECIPE-DATE)')
    .option('--resume <dir>', 'go on with this run from its last checkpoint')
    .option('--weights <file>', "start from a safetensors file, such as PyTorch's state_dict, and not from the seed")
    .addOption(seedOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .option('--checkpoint-steps <n>', 'steps between checkpoints within an epoch; a minute by default', wholeNumber(1))
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(train);
}

async function train(name: string, options: Options, command: Command): Promise<void> {
  const { recipeNamed } = await import('../recipes/table.js');
  const { configure, parseSettings } = await import('../recipes/configure.js');
  const { trialSource } = await import('../queue/apart/trial-source.js');
  const recipe = recipeNamed(name);
  if (recipe.kind === 'classifier' && recipe.training === undefined)
    throw new UsageError(`${name} is a network that is counted; it has no training`);
  const { dataRoot } = await import('../data/root.js');
  const { fixPaths } = await import('../recipes/fix-paths.js');
  const given = parseSettings([...options.set, ...shorthands(options)]);
  // what is refused is refused at once: the rest takes a moment to import
  configure(recipe, given);
  const settings = await fixPaths(given, dataRoot(options.data));
  const record = options.resume === undefined ? undefined : await openResumed(name, options, command);
  using interrupt = onInterrupt();
  const plan = { recipe, settings, record, seed: record?.seed ?? options.seed };
  const runtime = await openRuntime(options, record?.machine);
  const sample = options.sample === true || record?.dataset.sample === true;
  using data = dataProgress();
  const source = await trialSource(
    recipe,
    { ...options, sample },
    { ...data.listeners, onWarning: warn },
    interrupt.signal,
  );
  const prepared = await source.prepare(record?.configuration ?? settings, plan.seed, runtime);
  data[Symbol.dispose]();
  await run(plan, prepared, options, { runtime, signal: interrupt.signal });
}

interface Plan {
  readonly recipe: Recipe;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the run to go on with. */
  readonly record: RunRecord | undefined;
  readonly seed: number;
}

async function run<Scores>(
  { recipe, settings, record, seed }: Plan,
  prepared: Prepared<Scores>,
  options: Options,
  { runtime, signal }: { readonly runtime: NodeRuntime; readonly signal: AbortSignal },
): Promise<void> {
  const { beginRun, continueRun } = await import('../recipes/run.js');
  const { configure } = await import('../recipes/configure.js');
  const { readWeights } = await import('../recipes/weights.js');
  const { name } = recipe;
  const dir = options.resume ?? options.out ?? `runs/${name}-${stamp()}`;
  const weights = options.weights && (await readWeights(options.weights, prepared.model));
  using progress = trainingProgress(dir, options.json ?? false);
  const fit = {
    runtime,
    signal,
    ...(options.checkpointSteps !== undefined && { checkpointSteps: options.checkpointSteps }),
    ...progress.listeners,
  };
  const beginning = { recipe, configuration: configure(recipe, settings), seed, dir };
  const result =
    record === undefined
      ? await beginRun({ ...beginning, ...(weights && { weights }) }, prepared, fit)
      : await continueRun(dir, record, prepared, fit);
  progress[Symbol.dispose]();
  await report(result, await resultsOf(result, prepared, dir), name, dir, options);
}

/** What a run is judged by: its test, or validation where the data has no test images. */
interface Results {
  readonly split: 'test' | 'validation';
  readonly measures: Measures;
  readonly signature: string | undefined;
}

async function resultsOf<Scores>(
  { test, parameters }: FitResult<Scores>,
  { task, signature }: Prepared<Scores>,
  dir: string,
): Promise<Results | undefined> {
  if (test !== undefined) return { split: 'test', measures: task.measures(test), signature: signature?.('test') };
  if (parameters === undefined) return undefined;
  const { readEvents, selectedEpoch } = await import('../train/events.js');
  const epoch = selectedEpoch(await readEvents(dir), task.select);
  return epoch && { split: 'validation', measures: epoch.validation, signature: signature?.('validation') };
}

/** The record of the run to go on with: what it says needs not, and must not, be said again. */
async function openResumed(name: string, options: Options, command: Command): Promise<RunRecord> {
  const { resume, out, set, weights } = options;
  const { openUnfinished } = await import('../recipes/run.js');
  if (out !== undefined) throw new UsageError('--out and --resume exclude each other: a run goes on in its own folder');
  if (set.length + shorthands(options).length > 0)
    throw new UsageError('--set and --resume exclude each other: a run goes on as it was configured');
  if (weights !== undefined)
    throw new UsageError('--weights and --resume exclude each other: a run goes on with its own parameters');
  if (command.getOptionValueSource('seed') === 'cli')
    throw new UsageError('--seed and --resume exclude each other: a run goes on with its own seed');
  const record = await openUnfinished(resume!);
  if (record.recipe !== name) throw new UsageError(`${resume} is a run of ${record.recipe}, not of ${name}`);
  return record;
}

async function report(
  { state, message }: FitResult<unknown>,
  results: Results | undefined,
  name: string,
  dir: string,
  options: Options,
): Promise<void> {
  if (state === 'interrupted') {
    const { data, checkpointSteps, json } = options;
    const more = [
      ...(data === undefined ? [] : ['--data', data]),
      ...(checkpointSteps === undefined ? [] : ['--checkpoint-steps', String(checkpointSteps)]),
      ...(json ? ['--json'] : []),
    ];
    const { commandLine } = await import('../report/format.js');
    const goOn = commandLine('legenda', 'train', name, '--resume', dir, ...more);
    throw new Interrupted(`interrupted; to go on: ${goOn}`);
  }
  if (state === 'diverged') {
    process.exitCode = 1;
    note(`legenda: ${dir} diverged: ${message}. A smaller learning rate may help (--set lr=…)`);
    return;
  }
  if (results === undefined) return;
  const { split, measures, signature } = results;
  const values = Object.entries(measures);
  if (options.json) {
    const named = values.map(([key, value]) => [`${split}${key[0]!.toUpperCase()}${key.slice(1)}`, value]);
    const more = signature === undefined ? {} : { signature };
    printJson({ type: 'result', dir, state, ...Object.fromEntries(named), ...more }, { oneLine: true });
  } else {
    const early = state === 'stopped-early' ? ' (stopped early)' : '';
    print(`${dir}: ${values.map(([key, value]) => `${split} ${key} ${value?.toFixed(4)}`).join(', ')}${early}`);
    if (signature !== undefined) print(signature);
  }
}

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
