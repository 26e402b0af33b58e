import { Command, Option } from 'commander';
import type { Reproduction } from '../report/data.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import { loadData } from './frame/load-data.js';
import { dataOption, jobsOption, jsonOption, sampleOption, seedOption, threadsOption } from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import { tableOf } from './sweep.js';

interface Options {
  readonly full?: boolean;
  readonly quick?: boolean;
  readonly out: string;
  readonly runs: string;
  readonly seed: number;
  readonly jobs?: number;
  readonly threads?: number;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description('do the report again: count its networks, train its classifier at three rates, write a page')
    .addOption(new Option('--quick', 'fewer epochs, about two minutes (the default)').conflicts('full'))
    .option('--full', "the report's own recipe, 15 epochs")
    .option('--out <dir>', 'folder of the page', 'report')
    .option('--runs <dir>', 'folder of the runs; finished ones are not repeated', 'runs')
    .addOption(seedOption())
    .addOption(jobsOption())
    .addOption(threadsOption())
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(reproduce);
}

/** The rates that the report compares, in its order. */
const rates = [0.01, 0.001, 0.1];
const quickEpochs = 2;
/** The sample's epochs are short. */
const quickSampleEpochs = 15;

async function reproduce(options: Options): Promise<void> {
  const { classifierNamed } = await import('../recipes/table.js');
  const { divide, runTrials } = await import('./trials/run-trials.js');
  const { default: pLimit } = await import('p-limit');
  const start = performance.now();
  const mode = options.full ? 'full' : 'quick';
  using interrupt = onInterrupt();
  const timings: { part: string; seconds: number }[] = [];
  const timed = async <T>(part: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    timings.push({ part, seconds: (performance.now() - begin) / 1000 });
    return result;
  };

  const data = await timed('Fetching and checking the data', () => loadData(options, interrupt.signal, true));
  const networks = await timed('Counting the networks', countNetworks);
  const epochs = mode === 'full' ? 15 : data.sample ? quickSampleEpochs : quickEpochs;
  const recipe = classifierNamed('fashion-cnn');
  const { jobs, threads } = divide(rates.length, options);
  const plan = {
    recipe,
    settings: mode === 'full' ? {} : { epochs },
    grid: { lr: rates },
    seed: options.seed,
    dir: `${options.runs}/reproduce-${mode}${data.sample ? '-sample' : ''}${options.seed === 42 ? '' : `-seed-${options.seed}`}`,
  };
  const results = await timed(`Training at three rates, ${epochs} epochs each`, () =>
    runTrials(plan, {
      digests: data.digests,
      data: options.data,
      sample: data.sample,
      threads,
      limit: pLimit(jobs),
      signal: interrupt.signal,
    }),
  );
  if (interrupt.signal.aborted) throw new Interrupted('interrupted; the same command goes on where it was');

  const { fromRuns } = await import('../report/from-runs.js');
  const { bestRun } = await import('../report/judge.js');
  const { renderReproduction } = await import('../report/reproduction.js');
  const { writeReport } = await import('../report/write.js');
  const { openRun } = await import('../train/record.js');
  const trained = results.filter(({ state }) => state !== 'waiting' && state !== 'failed');
  const runs = await fromRuns(trained.map(({ dir }) => dir));
  const record = await openRun(trained[0]!.dir);
  const reproduction: Reproduction = {
    title: 'Fashion-MNIST, counted and trained: the report done again',
    mode,
    generated: new Date().toISOString(),
    machine: record.machine,
    versions: record.versions,
    dataset: record.dataset,
    networks,
    classifier: {
      recipe: 'fashion-cnn',
      command: `legenda reproduce --${mode} --seed ${options.seed}`,
      runs,
      best: bestRun(runs),
    },
    timings,
    notes: notesOn(results.map(({ seconds }) => seconds)),
  };
  const page = await writeReport(options.out, renderReproduction(reproduction));
  const best = results.find(({ dir }) => dir === runs[reproduction.classifier.best]?.dir);
  if (options.json)
    printJson({ page, mode, sample: data.sample, networks, best: best?.name ?? null, trials: results, timings });
  else {
    for (const { name, parameters } of networks) print(`${name}: ${parameters.toLocaleString('en')} parameters`);
    print(`\n${tableOf(results, best)}\n\nthe page: ${page}`);
  }
  note(`done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

async function countNetworks(): Promise<Reproduction['networks']> {
  const { classifierNamed } = await import('../recipes/table.js');
  const { configure } = await import('../recipes/configure.js');
  const { summarise } = await import('../models/summary.js');
  const { publishedParameters } = await import('../report/published.js');
  return Object.entries(publishedParameters).map(([name, expectedParameters]) => {
    const recipe = classifierNamed(name);
    const [channels, height, width] = recipe.image;
    const summary = summarise(recipe.model(configure(recipe, {})), recipe);
    return { ...summary, input: `${height}×${width}×${channels}`, expectedParameters };
  });
}

/** What the timings alone would not say: runs that an earlier call finished took no time in this one. */
const notesOn = (seconds: readonly number[]): string[] => [
  `The trainings themselves took ${seconds.map((s) => `${s.toFixed(0)} s`).join(', ')} (runs that were finished before are not repeated).`,
];
