import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { RunRecord } from '../train/record.js';
import { onInterrupt } from './frame/interrupt.js';
import { dataOption } from './frame/options.js';
import { print, warn } from './frame/output.js';

interface Options {
  readonly out: string;
  readonly data?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'write a page about runs of a recipe: curves, tables, filters and confusion, or captions and attention',
    )
    .argument('<run...>', 'run folders')
    .option('--out <dir>', 'folder of the page', 'report')
    .addOption(dataOption())
    .action(report);
}

async function report(dirs: readonly string[], options: Options): Promise<void> {
  const { writeReport } = await import('../report/write.js');
  const { openRun } = await import('../train/record.js');
  const { recipeNamed } = await import('../recipes/table.js');
  const records = await Promise.all(dirs.map(openRun));
  const kinds = new Set(records.map(({ recipe }) => recipeNamed(recipe).kind));
  if (kinds.size > 1) throw new UsageError('classifiers and captioners do not go on one page');
  const render = kinds.has('captioner') ? renderCaptioners : renderClassifiers;
  print(await writeReport(options.out, await render(dirs, records, options), { onWarning: warn }));
}

async function renderClassifiers(dirs: readonly string[], records: readonly RunRecord[], options: Options) {
  const { fromRecords } = await import('../report/from-records.js');
  const { fromRuns } = await import('../report/from-runs.js');
  const { bestRun } = await import('../report/judge.js');
  const { renderReproduction } = await import('../report/reproduction.js');
  const { classifierNamed } = await import('../recipes/table.js');
  const { configure } = await import('../recipes/configure.js');
  const { summarise } = await import('../models/summary.js');
  const { publishedParameters } = await import('../report/published.js');
  const first = records[0]!;
  const other = records.find(({ recipe }) => recipe !== first.recipe);
  if (other !== undefined) throw new UsageError(`one recipe a page: ${first.recipe} and ${other.recipe} came`);
  const runs = await fromRuns(dirs);
  const recipe = classifierNamed(first.recipe);
  const [channels, height, width] = recipe.image;
  const network = summarise(recipe.model(configure(recipe, first.configuration)), recipe);
  const epochs = Math.max(...runs.map((run) => run.epochs.length));
  const best = bestRun(runs);
  return renderReproduction({
    ...common(first, recipe.title),
    ran: await fromRecords(dirs),
    mode: epochs < 15 ? 'quick' : 'full',
    networks: [
      { ...network, input: `${height}×${width}×${channels}`, expectedParameters: publishedParameters[recipe.name] },
    ],
    classifier: {
      recipe: recipe.name,
      command: await commandOf(dirs),
      runs,
      best,
      explained: await explained(runs[best]?.dir, options),
    },
    timings: timingsOf(runs),
  });
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

async function renderCaptioners(dirs: readonly string[], records: readonly RunRecord[], options: Options) {
  const { evaluatedRun } = await import('../recipes/save-evaluation.js');
  const { fromRecords } = await import('../report/from-records.js');
  const { fromCaptionerRuns } = await import('../report/from-captioner-runs.js');
  const { renderCaptioners: render } = await import('../report/reproduction.js');
  const { nodeRuntime } = await import('../runtime/node.js');
  const { dataRoot } = await import('../data/root.js');
  const first = records[0]!;
  const other = records.find(({ dataset }) => dataset.digests['captions'] !== first.dataset.digests['captions']);
  if (other !== undefined)
    throw new UsageError(`one set of captions a page: the runs are of ${first.dataset.name} and ${other.dataset.name}`);
  using interrupt = onInterrupt();
  const sources = { root: dataRoot(options.data), runtime: nodeRuntime(), signal: interrupt.signal, onWarning: warn };
  for (const dir of dirs) await evaluatedRun(dir, sources);
  const runs = await fromCaptionerRuns(dirs);
  return render({
    ...common(first, `Captions of ${first.dataset.name}`),
    ran: await fromRecords(dirs),
    captioners: { command: await commandOf(dirs), dataset: first.dataset, runs },
    timings: timingsOf(runs),
  });
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
