import { Command } from 'commander';
import { LegendaError, UsageError } from '../errors.js';
import type { SeedMean, Spread, Spreads } from '../recipes/seed-means.js';
import type { TrialResult } from '../recipes/sweep.js';
import type { MeasureName } from '../train/events.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import { loadData } from './frame/load-data.js';
import {
  addCaptionerOptions,
  type CaptionerOptions,
  dataOption,
  deviceOption,
  jobsOption,
  jsonOption,
  sampleOption,
  seedOption,
  setOption,
  shorthands,
  threadsOption,
} from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import type { ComputeOptions } from './frame/runtime.js';
import { formatTable } from './frame/table.js';
import { formatDuration } from './progress.js';

interface Options extends CaptionerOptions, ComputeOptions {
  readonly grid: readonly string[];
  readonly set: readonly string[];
  readonly out?: string;
  readonly seed: number;
  readonly jobs?: number;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('train every combination of some settings; the same command goes on after an interruption')
    .argument('<recipe>', 'such as fashion-cnn')
    .requiredOption('--grid <key=a,b,c>', 'values of a key to try (again for more keys; "seed" is one)', collect, [])
    .addOption(setOption());
  return addCaptionerOptions(command)
    .option('--out <dir>', 'folder of the sweep (default: runs/RECIPE-sweep)')
    .addOption(seedOption())
    .addOption(jobsOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(runSweep);
}

const collect = (row: string, before: readonly string[]): string[] => [...before, row];

async function runSweep(name: string, options: Options): Promise<void> {
  const { recipeNamed } = await import('../recipes/table.js');
  const { parseSettings } = await import('../recipes/configure.js');
  const { bestOf } = await import('../recipes/sweep.js');
  const { parseGrid, trialsOf } = await import('../recipes/trials.js');
  const { beginTrials, divide } = await import('./trials/run-trials.js');
  const { default: pLimit } = await import('p-limit');
  const recipe = recipeNamed(name);
  if (recipe.kind === 'classifier' && recipe.training === undefined)
    throw new UsageError(`${name} is a network that is counted; it has no training`);
  const settings = parseSettings([...options.set, ...shorthands(options)]);
  const grid = parseGrid(options.grid);
  const dir = options.out ?? `runs/${name}-sweep`;
  const { length } = trialsOf(recipe, settings, grid, options.seed, dir);

  using interrupt = onInterrupt();
  // which captions and images a captioner's trial is of, its own configuration says
  const digests = recipe.kind === 'classifier' ? (await loadData(options, interrupt.signal)).digests : {};
  const { jobs, threads } = divide(length, options);
  const plan = { recipe, settings, grid, seed: options.seed, dir };
  const running = {
    digests,
    data: options.data,
    sample: options.sample === true,
    threads,
    device: options.device,
    limit: pLimit(jobs),
    signal: interrupt.signal,
  };
  const [begun] = await beginTrials([[plan, running]]);
  const results = await begun!;
  const best = bestOf(results);
  const { seedMeans } = await import('../recipes/seed-means.js');
  const means = seedMeans(results);
  if (options.json) printJson({ dir, best: best?.name ?? null, trials: results, means });
  else print([tableOf(results, best), ...means.map(meanLine)].join('\n'));
  if (interrupt.signal.aborted) throw new Interrupted('interrupted; the same command goes on where it was');
  for (const { name: trial, state, message } of results) if (message) note(`${trial}: ${state}: ${message}`);
  if (best === undefined) throw new LegendaError('no trial ended well');
}

/** What the seeds of one setting come to, as a line of text. */
export function meanLine({ name, seeds, measure, validation, test }: SeedMean): string {
  const of = (split: string, spreads: Spreads): string[] => {
    const others = Object.keys(spreads).filter((key) => key !== measure && key !== 'loss') as MeasureName[];
    return [measure, ...others].flatMap((key) => {
      const spread = spreads[key];
      return spread ? [`${split} ${measure === 'accuracy' ? '' : `${key} `}${formatSpread(spread)}`] : [];
    });
  };
  const means = [...of('validation', validation), ...of('test', test)];
  return `${name ? `${name}: ` : ''}mean of ${seeds.length} seeds: ${means.join(', ')}`;
}

const formatSpread = ({ mean, standardDeviation }: Spread): string =>
  `${mean.toFixed(4)} ± ${standardDeviation.toFixed(4)}`;

/** A sweep as text, the best on validation marked with a star. */
export function tableOf(results: readonly TrialResult[], best: TrialResult | undefined): string {
  const number = (value: number | null | undefined): string => value?.toFixed(4) ?? '';
  return formatTable(
    ['', 'TRIAL', 'STATE', 'EPOCHS', 'TRAINING LOSS', 'SINCE START', 'VALIDATION', 'TEST', 'TIME'],
    results.map((result) => [
      result.name === best?.name ? '*' : '',
      result.name,
      result.state,
      String(result.epochs),
      number(result.trainLoss),
      number(result.trainLossSinceStart),
      number(result.validation?.[result.measure]),
      number(result.test?.[result.measure]),
      formatDuration(1000 * result.seconds),
    ]),
    ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
}
