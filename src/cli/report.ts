import { Command } from 'commander';
import type { ClassifierGroup } from '../report/comparison.js';
import type { CaptionerPart } from '../report/data.js';
import type { RenderedReport } from '../report/reproduction.js';
import type { RunRecord } from '../train/record.js';
import { onInterrupt } from './frame/interrupt.js';
import { dataOption } from './frame/options.js';
import { print, warn } from './frame/output.js';
import { runFolders } from './report/run-folders.js';

interface Options {
  readonly out: string;
  readonly data?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'write a page about runs, of one recipe or several: curves, tables, what layers see, captions and attention',
    )
    .argument('<run...>', 'run folders')
    .option('--out <dir>', 'folder of the page', 'report')
    .addOption(dataOption())
    .action(report);
}

interface Run {
  readonly dir: string;
  readonly record: RunRecord;
}

async function report(given: readonly string[], options: Options): Promise<void> {
  const { writeReport } = await import('../report/write.js');
  const { openRun } = await import('../train/record.js');
  const { recipeNamed } = await import('../recipes/table.js');
  const dirs = await runFolders(given);
  const runs = await Promise.all(dirs.map(async (dir): Promise<Run> => ({ dir, record: await openRun(dir) })));
  const isCaptioner = ({ record }: Run) => recipeNamed(record.recipe).kind === 'captioner';
  const classifiers = grouped(
    runs.filter((run) => !isCaptioner(run)),
    ({ recipe, dataset }) => `${recipe} ${dataset.sample}`,
  );
  const captioners = grouped(runs.filter(isCaptioner), ({ dataset }) => dataset.digests['captions'] ?? dataset.name);
  print(await writeReport(options.out, await render(dirs, classifiers, captioners, options), { onWarning: warn }));
}

/** Runs that are alike, in the order of the first of each. */
function grouped(runs: readonly Run[], key: (record: RunRecord) => string): Run[][] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) groups.set(key(run.record), [...(groups.get(key(run.record)) ?? []), run]);
  return [...groups.values()];
}

/** Runs of one recipe, or on one set of captions, have a page of their own kind. */
async function render(
  dirs: readonly string[],
  classifiers: readonly Run[][],
  captioners: readonly Run[][],
  options: Options,
): Promise<RenderedReport> {
  const { fromRecords } = await import('../report/from-records.js');
  const { renderCaptioners, renderComparison, renderReproduction } = await import('../report/reproduction.js');
  const command = await commandOf(dirs);
  const parts: ClassifierGroup[] = [];
  for (const group of classifiers) parts.push(await classifierGroup(group, command, options));
  const decoders: CaptionerPart[] = [];
  for (const group of captioners) decoders.push(await captionerPart(group, command, options));
  const all = [...parts.flatMap(({ classifier }) => classifier.runs), ...decoders.flatMap(({ runs }) => runs)];
  const first = (classifiers[0] ?? captioners[0]!)[0]!;
  const page = (title: string) => ({ ...common(first.record, title), timings: timingsOf(all) });
  const ran = await fromRecords(dirs);
  const [part, ...otherParts] = parts;
  const [decoder, ...otherDecoders] = decoders;
  if (part && !decoder && otherParts.length === 0) {
    const epochs = Math.max(...part.classifier.runs.map((run) => run.epochs.length));
    return renderReproduction({ ...page(first.record.title), ...part, ran, mode: epochs < 15 ? 'quick' : 'full' });
  }
  if (decoder && !part && otherDecoders.length === 0)
    return renderCaptioners({ ...page(`Captions of ${decoder.dataset.name}`), ran, captioners: decoder });
  return renderComparison({ ...page('Runs compared'), ran, command, classifiers: parts, captioners: decoders });
}

async function classifierGroup(group: readonly Run[], command: string, options: Options): Promise<ClassifierGroup> {
  const { fromRuns } = await import('../report/from-runs.js');
  const { bestRun } = await import('../report/judge.js');
  const { classifierNamed } = await import('../recipes/table.js');
  const { configure } = await import('../recipes/configure.js');
  const { summarise } = await import('../models/summary.js');
  const { publishedParameters } = await import('../report/published.js');
  const { record } = group[0]!;
  const runs = await fromRuns(group.map(({ dir }) => dir));
  const recipe = classifierNamed(record.recipe);
  const [channels, height, width] = recipe.image;
  const network = summarise(recipe.model(configure(recipe, record.configuration)), recipe);
  const best = bestRun(runs);
  const input = `${height}×${width}×${channels}`;
  return {
    dataset: record.dataset,
    networks: [{ ...network, input, expectedParameters: publishedParameters[recipe.name] }],
    classifier: { recipe: recipe.name, command, runs, best, explained: await explained(runs[best]?.dir, options) },
  };
}

/** Without the data there is nothing to explain it on: then the page goes without. */
async function explained(dir: string | undefined, options: Options) {
  const { LegendaError } = await import('../errors.js');
  const { explainedPart } = await import('./explained-part.js');
  const { openClassifier } = await import('./explain/open-classifier.js');
  if (dir === undefined) return undefined;
  try {
    const { data } = await openClassifier(dir, options);
    return await explainedPart(dir, undefined, data, {});
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    warn(`${dir} is not explained: ${error.message}`);
    return undefined;
  }
}

async function captionerPart(group: readonly Run[], command: string, options: Options): Promise<CaptionerPart> {
  const { evaluatedRun } = await import('../recipes/save-evaluation.js');
  const { fromCaptionerRuns } = await import('../report/from-captioner-runs.js');
  const { nodeRuntime } = await import('../runtime/node.js');
  const { dataRoot } = await import('../data/root.js');
  using interrupt = onInterrupt();
  const sources = { root: dataRoot(options.data), runtime: nodeRuntime(), signal: interrupt.signal, onWarning: warn };
  for (const { dir } of group) await evaluatedRun(dir, sources);
  const runs = await fromCaptionerRuns(group.map(({ dir }) => dir));
  return { command, dataset: group[0]!.record.dataset, runs };
}

async function commandOf(dirs: readonly string[]): Promise<string> {
  const { commandLine } = await import('../report/format.js');
  return commandLine('legenda', 'report', ...dirs);
}

const common = ({ machine, versions, dataset }: RunRecord, title: string) => ({
  title,
  generated: new Date().toISOString(),
  machine,
  versions,
  dataset,
  notes: [],
});

const timingsOf = (runs: readonly { dir: string; epochs: readonly { seconds: number }[] }[]) =>
  runs.map(({ dir, epochs }) => ({
    part: `Training ${dir}`,
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
  }));
