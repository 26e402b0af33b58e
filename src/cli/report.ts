import { Command } from 'commander';
import { UsageError } from '../errors.js';
import { print } from './frame/output.js';

interface Options {
  readonly out: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('write a page about classifier runs: curves, table, filters, confusion')
    .argument('<run...>', 'run folders')
    .option('--out <dir>', 'folder of the page', 'report')
    .action(report);
}

async function report(dirs: readonly string[], { out }: Options): Promise<void> {
  const { fromRuns } = await import('../report/from-runs.js');
  const { bestRun } = await import('../report/judge.js');
  const { renderReproduction } = await import('../report/reproduction.js');
  const { writeReport } = await import('../report/write.js');
  const { openRun } = await import('../train/record.js');
  const { classifierNamed } = await import('../recipes/table.js');
  const { configure } = await import('../recipes/configure.js');
  const { summarise } = await import('../models/summary.js');
  const { publishedParameters } = await import('../report/published.js');
  const records = await Promise.all(dirs.map(openRun));
  const first = records[0]!;
  const other = records.find(({ recipe }) => recipe !== first.recipe);
  if (other !== undefined) throw new UsageError(`one recipe a page: ${first.recipe} and ${other.recipe} came`);
  const runs = await fromRuns(dirs);
  const recipe = classifierNamed(first.recipe);
  const [channels, height, width] = recipe.image;
  const network = summarise(recipe.model(configure(recipe, first.configuration)), recipe);
  const epochs = Math.max(...runs.map((run) => run.epochs.length));
  const rendered = renderReproduction({
    title: recipe.title,
    mode: epochs < 15 ? 'quick' : 'full',
    generated: new Date().toISOString(),
    machine: first.machine,
    versions: first.versions,
    dataset: first.dataset,
    networks: [
      { ...network, input: `${height}×${width}×${channels}`, expectedParameters: publishedParameters[recipe.name] },
    ],
    classifier: { recipe: recipe.name, command: `legenda report ${dirs.join(' ')}`, runs, best: bestRun(runs) },
    timings: runs.map(({ dir, epochs: done }) => ({
      part: `Training ${dir}`,
      seconds: done.reduce((sum, { seconds }) => sum + seconds, 0),
    })),
    notes: [],
  });
  print(await writeReport(out, rendered));
}
