import { type Block, paragraph, type Table } from './blocks.js';
import type { RecordedRun } from './data.js';
import { commandLine, count, duration, setting } from './format.js';

/** The runs of the page, with the command that trains each again. Nothing where none is recorded. */
export function ranBlocks(runs: readonly RecordedRun[] = []): Block[] {
  if (runs.length === 0) return [];
  const table: Table = {
    block: 'table',
    id: 'what-ran',
    caption: [
      'What ran. The settings are the learning rate and what differs from the recipe’s own; all of them, with versions and digests, are in runs/NAME/run.json beside this page.',
    ],
    columns: [
      { key: 'name', title: 'Run' },
      { key: 'recipe', title: 'Recipe' },
      { key: 'settings', title: 'Settings' },
      { key: 'seed', title: 'Seed', format: String },
      { key: 'data', title: 'Data' },
      { key: 'epochs', title: 'Epochs', format: count },
      { key: 'seconds', title: 'Time', format: duration },
      { key: 'threads', title: 'Threads', format: count },
      { key: 'state', title: 'State' },
    ],
    rows: runs.map(({ name, record, changed, epochs, seconds, state }) => ({
      name,
      recipe: record.recipe,
      settings:
        Object.entries({ ...rateOf(record), ...changed })
          .map(setting)
          .join(', ') || undefined,
      seed: record.seed,
      data: `${record.dataset.name}${record.dataset.sample ? ' (sample)' : ''}`,
      epochs,
      seconds,
      threads: record.machine.threads,
      state,
    })),
  };
  return [
    table,
    paragraph('To train one of them again:'),
    {
      block: 'facts',
      layout: 'rows',
      items: runs.map((run) => ({ name: run.name, value: trainAgain(run), code: true })),
    },
  ];
}

const rateOf = ({ configuration: { lr } }: RecordedRun['record']): Record<string, unknown> =>
  lr === undefined ? {} : { lr };

function trainAgain({ record, changed }: RecordedRun): string {
  const { recipe, seed, dataset, machine, weights } = record;
  return commandLine(
    ...['legenda', 'train', recipe],
    ...Object.entries(changed).flatMap((entry) => ['--set', setting(entry)]),
    ...['--seed', String(seed), '--threads', String(machine.threads)],
    ...(machine.device === 'cpu' ? [] : ['--device', machine.device]),
    ...(weights ? ['--weights', weights.source] : []),
    ...(dataset.sample ? ['--sample'] : []),
  );
}
