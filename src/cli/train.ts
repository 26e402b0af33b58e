import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { FitResult } from '../train/fit.js';
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
    .addOption(seedOption())
    .addOption(threadsOption())
    .option('--checkpoint-steps <n>', 'steps between checkpoints within an epoch; a minute by default', wholeNumber(1))
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(train);
}

async function train(name: string, options: Options): Promise<void> {
  const { recipeNamed } = await import('../recipes/table.js');
  const { configure, parseSettings } = await import('../recipes/configure.js');
  const { resumeRun, startRun } = await import('../recipes/run-recipe.js');
  const { openRun } = await import('../train/record.js');
  const { nodeRuntime } = await import('../runtime/node.js');
  const recipe = recipeNamed(name);
  const settings = parseSettings(options.set);
  configure(recipe, settings);
  if (options.resume !== undefined) await checkResume(options, name, openRun);
  const dir = options.resume ?? options.out ?? `runs/${name}-${stamp()}`;

  using interrupt = onInterrupt();
  const data = await loadData(options, interrupt.signal);
  using progress = trainingProgress(dir, options.json ?? false);
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  const fit = {
    runtime: nodeRuntime(threads),
    signal: interrupt.signal,
    ...(options.checkpointSteps !== undefined && { checkpointSteps: options.checkpointSteps }),
    ...progress.listeners,
  };
  const result =
    options.resume === undefined
      ? await startRun({ recipe, settings, seed: options.seed, dir }, data, fit)
      : await resumeRun(dir, data, fit);
  progress[Symbol.dispose]();
  report(result, name, dir, options.json ?? false);
}

async function checkResume(
  { resume, out, set }: Options,
  name: string,
  openRun: (dir: string) => Promise<{ recipe: string }>,
): Promise<void> {
  if (out !== undefined) throw new UsageError('--out and --resume exclude each other: a run goes on in its own folder');
  if (set.length > 0) throw new UsageError('--set and --resume exclude each other: a run goes on as it was configured');
  const { recipe } = await openRun(resume!);
  if (recipe !== name) throw new UsageError(`${resume} is a run of ${recipe}, not of ${name}`);
}

function report({ state, test }: FitResult, name: string, dir: string, json: boolean): void {
  if (state === 'interrupted') {
    throw new Interrupted(`interrupted; to go on: legenda train ${name} --resume ${dir}`);
  }
  if (state === 'diverged') {
    process.exitCode = 1;
    note(`legenda: ${dir} diverged: the loss is not a finite number. A smaller learning rate may help (--set lr=…)`);
    return;
  }
  if (test === undefined) return;
  if (json)
    printJson({ type: 'result', dir, state, testAccuracy: test.accuracy, testLoss: test.loss }, { oneLine: true });
  else
    print(
      `${dir}: test accuracy ${test.accuracy.toFixed(4)}, test loss ${test.loss.toFixed(4)}${state === 'stopped-early' ? ' (stopped early)' : ''}`,
    );
}

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
