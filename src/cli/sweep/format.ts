import type { SeedMean, Spread, Spreads } from '../../recipes/sweep/seed-means.js';
import type { RungResult, SweepTable, TrialResult } from '../../recipes/sweep/table.js';
import type { MeasureName } from '../../train/events.js';
import { type Alignment, formatTable } from '../frame/table.js';
import { formatDuration } from '../progress.js';

interface Column {
  readonly title: string;
  readonly align?: Alignment;
  readonly cell: (result: TrialResult) => string;
}

const number = (value: number | null | undefined): string => value?.toFixed(4) ?? '';

/** A sweep as text, the best on validation marked with a star. */
export function tableOf(results: readonly TrialResult[], best: TrialResult | undefined): string {
  const recipes = new Set(results.map(({ recipe }) => recipe));
  const isHalved = results.some(({ rung }) => rung !== undefined);
  const right = (title: string, cell: Column['cell']): Column => ({ title, align: 'right', cell });
  const columns: readonly Column[] = [
    { title: '', cell: ({ dir }) => (dir === best?.dir ? '*' : '') },
    ...(recipes.size > 1 ? [{ title: 'RECIPE', cell: ({ recipe }: TrialResult) => recipe }] : []),
    { title: 'TRIAL', cell: ({ name }) => name },
    { title: 'STATE', cell: ({ state }) => state },
    right('EPOCHS', ({ epochs }) => String(epochs)),
    ...(isHalved ? [right('RUNG', ({ rung }) => String(rung?.epochs ?? ''))] : []),
    right('TRAINING LOSS', ({ trainLoss }) => number(trainLoss)),
    right('SINCE START', ({ trainLossSinceStart }) => number(trainLossSinceStart)),
    right('VALIDATION', ({ validation, measure }) => number(validation?.[measure])),
    right('TEST', ({ test, measure }) => number(test?.[measure])),
    right('TIME', ({ seconds }) => formatDuration(1000 * seconds)),
  ];
  return formatTable(
    columns.map(({ title }) => title),
    results.map((result) => columns.map(({ cell }) => cell(result))),
    columns.map(({ align = 'left' }) => align),
  );
}

/** How many trials were compared at each rung of a recipe, as a line of text. */
function rungsLine(rungs: readonly RungResult[], best: TrialResult | undefined): string {
  const reached = rungs
    .map(({ epochs, trials }) => ({ epochs, count: trials.filter(({ score }) => score !== null).length }))
    .filter(({ count }) => count > 0);
  const parts = reached.map(({ epochs, count }, i) => {
    const what = i === 0 ? `${count} ${count === 1 ? 'trial' : 'trials'}` : `${count}`;
    return `${what} after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  });
  const compared = `compared on validation: ${parts.join(', ') || 'none'}`;
  return best?.rung ? `${compared}; the best is of those after ${best.rung.epochs}` : compared;
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

const formatMean = ({ mean, standardDeviation }: Spread): string =>
  `${mean.toFixed(4)} ± ${standardDeviation.toFixed(4)}`;

const formatInterval = ({ interval: [low, high] }: Spread): string => `${low.toFixed(4)} to ${high.toFixed(4)}`;

const formatSpread = (spread: Spread): string => `${formatMean(spread)} (95 %: ${formatInterval(spread)})`;

/** Means over seeds of several recipes: mean ± standard deviation of the seeds, and the 95 % interval of the mean. */
function meansTable(means: readonly SeedMean[]): string {
  const cells = (spreads: Spreads, measure: MeasureName): string[] => {
    const spread = spreads[measure];
    return spread ? [formatMean(spread), formatInterval(spread)] : ['', ''];
  };
  return formatTable(
    ['RECIPE', 'SETTINGS', 'SEEDS', 'VALIDATION', '95 %', 'TEST', '95 %'],
    means.map(({ recipe, name, seeds, measure, validation, test }) => [
      ...[recipe, name, String(seeds.length)],
      ...[...cells(validation, measure), ...cells(test, measure)],
    ]),
    ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  );
}

/** Of a trial of several recipes, its folder below that of all. */
export const nameOf = ({ recipe, name }: TrialResult, tables: readonly SweepTable[]): string =>
  tables.length > 1 ? `${recipe}/${name}` : name;

/** What sweeps have come to, for programs. */
export function sweepJson(
  dir: string,
  tables: readonly SweepTable[],
  best: TrialResult | undefined,
  means: readonly SeedMean[],
): object {
  const rungs = tables.flatMap((table) => table.rungs ?? []);
  return {
    dir,
    best: best ? nameOf(best, tables) : null,
    trials: tables.flatMap(({ trials }) => trials),
    means,
    ...(rungs.length > 0 && { rungs }),
  };
}

/** What sweeps have come to, for people: the table, who was compared where, and means over seeds. */
export function sweepText(
  tables: readonly SweepTable[],
  best: TrialResult | undefined,
  means: readonly SeedMean[],
): string {
  const isOne = tables.length === 1;
  const rungs = tables.flatMap((table) => {
    if (table.rungs === undefined) return [];
    return `${isOne ? '' : `${table.rungs[0]!.recipe}, `}${rungsLine(table.rungs, table.best)}`;
  });
  const averages = isOne ? means.map(meanLine) : means.length > 0 ? ['', meansTable(means)] : [];
  return [
    tableOf(
      tables.flatMap(({ trials }) => trials),
      best,
    ),
    ...rungs,
    ...averages,
  ].join('\n');
}
