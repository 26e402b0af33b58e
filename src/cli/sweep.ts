import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { LegendaError } from '../errors.js';
import type { TrialResult } from '../recipes/sweep/table.js';
import { checkBoard, leftInQueue, openBoard } from './frame/board.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import { loadData } from './frame/load-data.js';
import {
  addCaptionerOptions,
  dataOption,
  deviceOption,
  jobsOption,
  jsonOption,
  queueOption,
  sampleOption,
  seedOption,
  setOption,
  threadsOption,
  wholeNumber,
} from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import type { ComputeOptions } from './frame/runtime.js';
import { nameOf, sweepJson, sweepText } from './sweep/format.js';
import { type PlanOptions, plansOf } from './sweep/plans.js';

interface Options extends PlanOptions, ComputeOptions {
  readonly jobs?: number;
  readonly queue?: string;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('train every combination of some settings; the same command goes on after an interruption')
    .argument('<recipe...>', 'such as fashion-cnn; several are compared under the same settings')
    .option('--grid <key=a,b,c>', 'values of a key to try (again for more keys; "seed" is one)', collect)
    .addOption(
      new Option(
        '--random <n>',
        'draw so many trials from --grid and --range, instead of all combinations; more of them later go on with those there are',
      ).argParser(wholeNumber(1, 10_000)),
    )
    .option(
      '--range <key=low..high>',
      'numbers to draw from (again for more keys); key=log:LOW..HIGH: evenly in the logarithm; key=int:LOW..HIGH: whole ones',
      collect,
    )
    .addOption(
      new Option(
        '--halving [mode]',
        'train all trials a little and the best on validation further, up to the epochs of the recipe; "asynchronous" waits for no ' +
          'slower trial, and what goes on then depends on the machine',
      )
        .choices(['synchronous', 'asynchronous'])
        .preset('synchronous'),
    )
    .addOption(
      new Option(
        '--eta <n>',
        'with --halving: one in so many goes on, to so many times the epochs (default: 3)',
      ).argParser(wholeNumber(2, 1000)),
    )
    .addOption(
      new Option('--min-epochs <n>', 'with --halving: epochs before the first comparison (default: 1)').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(setOption());
  return addCaptionerOptions(command)
    .option('--out <dir>', 'folder of the sweep (default: runs/RECIPE-sweep)')
    .addOption(seedOption())
    .addOption(jobsOption())
    .addOption(queueOption('have trials trained by workers ("legenda worker") that listen there'))
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(runSweep);
}

const collect = (row: string, before: readonly string[] = []): string[] => [...before, row];

async function runSweep(names: readonly string[], given: Options, command: Command): Promise<void> {
  const options = { ...given, isSeedGiven: command.getOptionValueSource('seed') === 'cli' };
  const { bestAcross } = await import('../recipes/sweep/table.js');
  const { beginTrials, divide } = await import('./sweep/run-trials.js');
  const { checkSample } = await import('../queue/apart/trial-source.js');
  const { default: pLimit } = await import('p-limit');
  const { dir, plans, trials } = await plansOf(names, options);

  using interrupt = onInterrupt();
  // which captions and images a captioner's trial is of, its own configuration says
  const { recipe } = plans[0]!;
  const isClassifier = recipe.kind === 'classifier';
  checkSample(recipe, options);
  const digests = isClassifier ? (await loadData(options, interrupt.signal)).digests : {};
  checkBoard(options);
  // the threads of a trial decide its bits, wherever it is trained
  const { jobs, threads } = options.queue
    ? { jobs: undefined, threads: options.threads ?? 1 }
    : divide(trials, options);
  await using board = await openBoard({ ...options, jobs });
  const running = {
    digests,
    // workers have other current folders
    data: options.data && resolve(options.data),
    sample: options.sample === true,
    threads,
    device: options.device,
    board,
    limit: pLimit(board.capacity),
    signal: interrupt.signal,
  };
  const tables = await Promise.all(await beginTrials(plans.map((plan) => [plan, running] as const)));
  const results = tables.flatMap((table) => table.trials);
  const best = bestAcross(tables);
  const { seedMeans } = await import('../recipes/sweep/seed-means.js');
  const means = seedMeans(results);
  if (options.json) printJson(sweepJson(dir, tables, best, means));
  else print(sweepText(tables, best, means));
  if (interrupt.signal.aborted)
    throw new Interrupted(options.queue ? leftInQueue(dir) : 'interrupted; the same command goes on where it was');
  for (const result of results)
    if (result.message && isNews(result)) note(`${nameOf(result, tables)}: ${result.state}: ${result.message}`);
  if (best === undefined) throw new LegendaError('no trial ended well');
}

/** That trials were halted is what the table is about. */
const isNews = ({ state }: TrialResult): boolean => state !== 'halted' && state !== 'paused';
