import { Command } from 'commander';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import { jsonOption } from '../frame/options.js';
import { print, printJson } from '../frame/output.js';
import { formatTable } from '../frame/table.js';
import { figuresOption, writeFiguresOf } from './write-figures.js';

interface Options {
  readonly out?: string;
  readonly json?: boolean;
}

export function filtersCommand(): Command {
  return new Command('filters')
    .description('the filters of a classifier’s convolutions, and how much they prefer edges of one direction')
    .argument('<run>', 'a run folder')
    .addOption(figuresOption())
    .addOption(jsonOption())
    .action(explain);
}

async function explain(dir: string, { out, json }: Options): Promise<void> {
  const { openTrained } = await import('../../recipes/open-run.js');
  const { explainFilters } = await import('../../recipes/explain/explain-filters.js');
  const { LegendaError } = await import('../../errors.js');
  const trained = await openTrained(dir);
  const found = await explainFilters(trained);
  if (found.length === 0) throw new LegendaError(`${dir}: ${trained.recipe.name} has no convolutions`);
  if (out !== undefined) {
    const { convolutionFilters } = await import('../../explain/filters/filters.js');
    const { filterFigure } = await import('../../report/classifier.js');
    const { filterBlocks } = await import('../../report/explanation/layers.js');
    const firsts = convolutionFilters(trained.parameters).map((bank) => filterFigure(bank, trained.recipe.title));
    await writeFiguresOf([...firsts, ...filterBlocks(found, dir)], out);
  }
  if (json) return printJson(found.map(({ picture: _, drawn: _drawn, ...layer }) => layer));
  print(describe(found));
}

function describe(found: ExplanationFile['filters']): string {
  const mean = (found: ExplanationFile['filters'][number]['orientation']['initial']) =>
    found ? `${found.value.toFixed(3)} (${found.interval.map((end) => end.toFixed(3)).join(' to ')})` : '–';
  const rows = found.map(({ layer, filters, channels, orientation: { trained, initial, change } }) => [
    ...[layer, String(filters), String(channels), mean(trained), mean(initial), mean(change)],
  ]);
  return formatTable(
    ['LAYER', 'FILTERS', 'INPUT CHANNELS', 'ORIENTATION SELECTIVITY', 'AT THE START', 'CHANGE'],
    rows,
    [...['left' as const, 'right' as const, 'right' as const]],
  );
}
