import { Command, Option } from 'commander';
import { LegendaError } from '../errors.js';
import type { SweepPlan } from '../recipes/sweep/plan.js';
import type { TrialResult } from '../recipes/sweep/table.js';
import type { CaptionerPart, Reproduction } from '../report/data.js';
import { openBoard } from './frame/board.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import { loadData } from './frame/load-data.js';
import {
  dataOption,
  jobsOption,
  jsonOption,
  sampleOption,
  seedOption,
  threadsOption,
  wholeNumber,
} from './frame/options.js';
import { note, print, printJson, warn } from './frame/output.js';
import { openRuntime } from './frame/runtime.js';
import { formatDuration } from './progress.js';
import { meanLine, tableOf } from './sweep/format.js';

interface Options {
  readonly full?: boolean;
  readonly quick?: boolean;
  readonly out: string;
  readonly runs: string;
  readonly seed: number;
  readonly seeds: number;
  readonly encoder?: string;
  readonly features?: string;
  readonly jobs?: number;
  readonly threads?: number;
  readonly data?: string;
  readonly sample?: boolean;
  readonly json?: boolean;
}

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description(
      'do the report again: count networks, train and explain a classifier, train two caption decoders, write a page',
    )
    .addOption(new Option('--quick', 'fewer epochs, some minutes (the default)').conflicts('full'))
    .option('--full', "the report's own recipe, 15 epochs")
    .option('--out <dir>', 'folder of the page', 'report')
    .option('--runs <dir>', 'folder of the runs; finished ones are not repeated', 'runs')
    .option('--encoder <file>', 'ONNX image model for a full run on real captions')
    .option('--features <tensor>', 'tensor of the encoder that has the features; its output by default')
    .addOption(seedOption())
    .addOption(
      new Option('--seeds <n>', 'train everything under this many seeds, from --seed on')
        .default(1)
        .argParser(wholeNumber(1, 100)),
    )
    .addOption(jobsOption())
    .addOption(threadsOption())
    .addOption(dataOption())
    .addOption(sampleOption())
    .addOption(jsonOption())
    .action(reproduce);
}

async function reproduce(options: Options): Promise<void> {
  const { besidePlan, classifierPlan, captionerPlans } = await import('../recipes/reproduction-plans.js');
  const { beginTrials, divide } = await import('./sweep/run-trials.js');
  const { default: pLimit } = await import('p-limit');
  const start = performance.now();
  const mode = options.full ? 'full' : 'quick';
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  const timings: { part: string; seconds: number }[] = [];
  const timed = async <T>(part: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    timings.push({ part, seconds: (performance.now() - begin) / 1000 });
    return result;
  };

  const data = await timed('Fetching and checking the data', () => loadData(options, signal, true));
  const networks = await timed('Counting the networks', countNetworks);
  const heads = await timed('Examining attention heads', async () => {
    const { examinedHeads } = await import('../report/from-heads.js');
    return examinedHeads();
  });
  const captions = await captionData(options, mode);
  const seeds = Array.from({ length: options.seeds }, (_, i) => options.seed + i);
  // A sweep for each seed, in a folder of its own: with more seeds, those that there were are not trained again.
  const planned = seeds.map((seed) => ({ mode, seed, runs: options.runs }) as const);
  const rates = planned.map((plan) => classifierPlan(plan, data.sample));
  const decoders = planned.flatMap((plan) => captionerPlans(plan, captions));
  const beside = besidePlan(planned[0]!, data.sample);
  const { jobs, threads } = divide(trials * options.seeds, options);
  await using board = await openBoard({ jobs });
  const running = { data: options.data, threads, board, limit: pLimit(jobs), signal };
  const under = seeds.length > 1 ? `, each under ${seeds.length} seeds` : '';
  const captioning = { ...running, digests: {}, sample: false };
  const classifying = { ...running, digests: data.digests, sample: data.sample };
  // Classifiers first: the best is explained while the decoders are trained. The shortest of these comes last, so that no core
  // has long to wait for another.
  const queue = [
    ...[...rates, beside].map((plan) => [plan, classifying] as const),
    ...decoders.toReversed().map((plan) => [plan, captioning] as const),
  ];
  const { bestRun } = await import('../report/judge.js');
  const { fromRuns } = await import('../report/from-runs.js');
  const { explainedPart } = await import('./explained-part.js');
  /** The best of the classifiers, once they are trained, with what is to be seen in it. */
  const explainBest = async (results: readonly TrialResult[], besides: readonly TrialResult[]) => {
    const classifiers = results.filter(hasRun);
    if (signal.aborted || classifiers.length === 0) return undefined;
    const runs = await fromRuns(classifiers.map(({ dir }) => dir));
    const best = bestRun(runs);
    const besideDir = besides.find(({ state }) => state === 'done')?.dir;
    return { runs, best, explained: await explainedPart(runs[best]?.dir, besideDir, data, { threads }) };
  };
  const { classified, results, captioned, besides } = await timed(
    `Training: the classifier at three rates, two caption decoders, a network without convolutions${under}; explaining the best classifier`,
    async () => {
      const begun = await beginTrials(queue);
      const resultsOf = async (plans: readonly SweepPlan[]): Promise<TrialResult[]> =>
        (await Promise.all(plans.map((plan) => begun[queue.findIndex(([queued]) => queued === plan)]!))).flatMap(
          ({ trials: own }) => own,
        );
      const [trained, alone] = [resultsOf(rates), resultsOf([beside])];
      const best = Promise.all([trained, alone]).then((found) => explainBest(...found));
      // it is heard of when the decoders are trained
      best.catch(() => undefined);
      const captioned = await resultsOf(decoders);
      return { classified: await best, results: await trained, captioned, besides: await alone };
    },
  );
  if (signal.aborted) throw new Interrupted('interrupted; the same command goes on where it was');
  if (classified === undefined)
    throw new LegendaError(`no training of the classifier came to anything: ${results[0]?.message ?? 'none began'}`);
  const { runs, best: bestIndex, explained } = classified;
  const all = [...results, ...captioned, ...besides];

  const { seedMeans } = await import('../recipes/sweep/seed-means.js');
  const { fromRecords } = await import('../report/from-records.js');
  const { commandLine } = await import('../report/format.js');
  const { renderReproduction } = await import('../report/reproduction.js');
  const { writeReport } = await import('../report/write.js');
  const { openRun } = await import('../train/record.js');
  const record = await openRun(results.find(hasRun)!.dir);
  const command = commandLine(...wordsOf(options, mode));
  const captioners = await timed('Evaluating the decoders', () =>
    captionerPart(captioned, command, { ...options, threads: jobs * threads }, signal),
  );
  const reproduction: Reproduction = {
    title: 'Counted, trained, described: the report done again',
    mode,
    generated: new Date().toISOString(),
    machine: { ...record.machine, threads: jobs * threads },
    versions: record.versions,
    dataset: record.dataset,
    sampleBecause: data.sample ? (options.sample ? 'asked' : 'missing') : undefined,
    networks,
    heads,
    classifier: { recipe: 'fashion-cnn', command, runs, best: bestIndex, explained },
    captioners,
    ran: await fromRecords(all.filter(hasRun).map(({ dir }) => dir)),
    timings,
    notes: notesOn(all),
  };
  const page = await writeReport(options.out, renderReproduction(reproduction), { onWarning: warn });
  const named =
    seeds.length > 1 ? results.map((trial) => ({ ...trial, name: `${trial.name},seed=${trial.seed}` })) : results;
  const means = seedMeans(named);
  const best = named.find(({ dir }) => dir === runs[reproduction.classifier.best]?.dir);
  if (options.json) {
    printJson({
      page,
      mode,
      sample: data.sample,
      networks,
      best: best?.name ?? null,
      trials: named,
      means,
      decoders: captioned,
      timings,
    });
  } else {
    for (const { name, parameters } of networks) print(`${name}: ${parameters.toLocaleString('en')} parameters`);
    print(`\n${[tableOf(named, best), ...means.map(meanLine)].join('\n')}\n`);
    for (const [i, { recipe }] of decoders.entries()) {
      const name = seeds.length > 1 ? `${recipe.name}, seed ${captioned[i]!.seed}` : recipe.name;
      print(bleuLine(name, captioned[i]!));
    }
    print(`\nthe page: ${page}`);
  }
  for (const { dir, message } of all) if (message) note(`${dir}: ${message}`);
  note(`done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

const hasRun = ({ state }: TrialResult): boolean => state !== 'waiting' && state !== 'failed';

/** What was asked for that changes what comes out. */
function wordsOf({ seed, seeds, sample, encoder, features }: Options, mode: 'quick' | 'full'): string[] {
  const words = ['legenda', 'reproduce', `--${mode}`, '--seed', String(seed)];
  if (seeds > 1) words.push('--seeds', String(seeds));
  if (sample) words.push('--sample');
  if (encoder !== undefined) words.push('--encoder', encoder);
  if (features !== undefined) words.push('--features', features);
  return words;
}

/** Three rates and two decoders, for each seed; the network without convolutions is soon trained. */
const trials = 5;

/** The real captions that a full run is about, where there are some. */
async function captionData(options: Options, mode: 'quick' | 'full') {
  if (mode === 'quick') return undefined;
  const { captionsAtHand } = await import('../recipes/reproduction-plans.js');
  const { dataRoot } = await import('../data/root.js');
  const dataset = await captionsAtHand(dataRoot(options.data));
  if (dataset === undefined) {
    note(
      'captions: no set with its images is in the data root, so both decoders learn from scenes ("legenda data list")',
    );
    return undefined;
  }
  if (options.encoder === undefined) {
    note(`captions: ${dataset} is at hand; with --encoder FILE.onnx both decoders learn from it, without from scenes`);
    return undefined;
  }
  return { dataset, encoder: options.encoder, features: options.features };
}

async function captionerPart(
  results: readonly TrialResult[],
  command: string,
  options: Options,
  signal: AbortSignal,
): Promise<CaptionerPart | undefined> {
  const dirs = results.flatMap(({ state, dir }) => (state === 'done' || state === 'stopped-early' ? [dir] : []));
  if (dirs.length === 0) return undefined;
  const { evaluatedRun } = await import('../recipes/save-evaluation.js');
  const { fromCaptionerRuns } = await import('../report/from-captioner-runs.js');
  const { openRun } = await import('../train/record.js');
  const { dataRoot } = await import('../data/root.js');
  const runtime = await openRuntime(options);
  for (const dir of dirs) await evaluatedRun(dir, { root: dataRoot(options.data), runtime, signal });
  const { dataset } = await openRun(dirs[0]!);
  return { command, dataset, runs: await fromCaptionerRuns(dirs) };
}

function bleuLine(name: string, { validation, test, seconds }: TrialResult): string {
  const score = (value: number | undefined) => value?.toFixed(4) ?? 'none';
  const time = formatDuration(1000 * seconds);
  return `${name}: BLEU-4 ${score(validation?.bleu4)} on validation, ${score(test?.bleu4)} on test, ${time}`;
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
const notesOn = (results: readonly TrialResult[]): string[] => [
  `The trainings themselves took ${results.map(({ seconds }) => `${seconds.toFixed(0)} s`).join(', ')}, several at once (runs that were finished before are not repeated).`,
];
