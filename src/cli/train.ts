import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { ClassifierFitResult } from '../train/classifier.js';
import type { RunRecord } from '../train/record.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import { loadData } from './frame/load-data.js';
import {
  dataOption,
  jsonOption,
  sampleOption,
  seedOption,
  setOption,
  threadsOption,
  wholeNumber,
} from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import { trainingProgress } from './training-progress.js';

interface Options {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: string;
  readonly weights?: string;
  readonly seed: number;
  readonly threads?: number;
  readonly checkpointSteps?: number;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  return new Command('train')
    .description('train a recipe in a run folder, or go on with one')
    .argument('<recipe>', 'such as fashion-cnn')
    .addOption(setOption())
    .option('--out <dir>', 'the run folder, new or empty (default: runs/RECIPE-DATE)')
    .option('--resume <dir>', 'go on with this run from its last checkpoint')
    .option('--weights <file>', "start from a safetensors file, such as PyTorch's state_dict, and not from the seed")
    .addOption(seedOption())
    .addOption(threadsOption())
    .option('--checkpoint-steps <n>', 'steps between checkpoints within an epoch; a minute by default', wholeNumber(1))
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(train);
}

async function train(name: string, options: Options, command: Command): Promise<void> {
  const { recipeNamed } = await import('../recipes/table.js');
  const { configure, parseSettings } = await import('../recipes/configure.js');
  const recipe = recipeNamed(name);
  if (recipe.training === undefined) throw new UsageError(`${name} is a network that is counted; it has no training`);
  const settings = parseSettings(options.set);
  const configuration = configure(recipe, settings);
  // what is refused is refused at once: the rest takes a moment to import
  const { resumeRun, startRun } = await import('../recipes/run-recipe.js');
  const { readWeights } = await import('../recipes/weights.js');
  const { nodeRuntime } = await import('../runtime/node.js');
  const record = options.resume === undefined ? undefined : await openResumed(name, options, command);
  const weights = options.weights && (await readWeights(options.weights, recipe.model(configuration)));
  const dir = options.resume ?? options.out ?? `runs/${name}-${stamp()}`;

  using interrupt = onInterrupt();
  const sample = options.sample || record?.dataset.sample === true;
  const data = await loadData({ ...options, sample }, interrupt.signal);
  using progress = trainingProgress(dir, options.json ?? false);
  const threads = options.threads ?? record?.machine.threads;
  const fit = {
    runtime: nodeRuntime(threads === undefined ? {} : { threads }),
    signal: interrupt.signal,
    ...(options.checkpointSteps !== undefined && { checkpointSteps: options.checkpointSteps }),
    ...progress.listeners,
  };
  const result =
    record === undefined
      ? await startRun({ recipe, settings, seed: options.seed, dir, ...(weights && { weights }) }, data, fit)
      : await resumeRun(dir, data, fit);
  progress[Symbol.dispose]();
  report(result, name, dir, options);
}

/** The record of the run to go on with: what it says needs not, and must not, be said again. */
async function openResumed(name: string, { resume, out, set, weights }: Options, command: Command): Promise<RunRecord> {
  const { openRun } = await import('../train/record.js');
  if (out !== undefined) throw new UsageError('--out and --resume exclude each other: a run goes on in its own folder');
  if (set.length > 0) throw new UsageError('--set and --resume exclude each other: a run goes on as it was configured');
  if (weights !== undefined)
    throw new UsageError('--weights and --resume exclude each other: a run goes on with its own parameters');
  if (command.getOptionValueSource('seed') === 'cli')
    throw new UsageError('--seed and --resume exclude each other: a run goes on with its own seed');
  const record = await openRun(resume!);
  if (record.recipe !== name) throw new UsageError(`${resume} is a run of ${record.recipe}, not of ${name}`);
  return record;
}

function report({ state, message, test }: ClassifierFitResult, name: string, dir: string, options: Options): void {
  if (state === 'interrupted') {
    const { data, checkpointSteps, json } = options;
    const more = [
      ...(data === undefined ? [] : ['--data', data]),
      ...(checkpointSteps === undefined ? [] : ['--checkpoint-steps', String(checkpointSteps)]),
      ...(json ? ['--json'] : []),
    ];
    const goOn = ['legenda', 'train', name, '--resume', dir, ...more].map(quoted).join(' ');
    throw new Interrupted(`interrupted; to go on: ${goOn}`);
  }
  if (state === 'diverged') {
    process.exitCode = 1;
    note(`legenda: ${dir} diverged: ${message}. A smaller learning rate may help (--set lr=…)`);
    return;
  }
  if (test === undefined) return;
  if (options.json)
    printJson({ type: 'result', dir, state, testAccuracy: test.accuracy, testLoss: test.loss }, { oneLine: true });
  else
    print(
      `${dir}: test accuracy ${test.accuracy.toFixed(4)}, test loss ${test.loss.toFixed(4)}${state === 'stopped-early' ? ' (stopped early)' : ''}`,
    );
}

/** An argument as a shell takes it. */
const quoted = (argument: string): string =>
  /^[\w./:=@+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
