import { configure } from '../recipes/configure.js';
import { recipes } from '../recipes/table.js';
import { readEvents, runState } from '../train/events.js';
import { openRun, type RunRecord } from '../train/record.js';
import type { RecordedRun } from './data.js';

/**
 * What run folders say of how they came about, in the order of the folders.
 * @throws LegendaError when a folder is not a run, or a file in it is damaged
 */
export async function fromRecords(dirs: readonly string[]): Promise<RecordedRun[]> {
  const names = fileNames(dirs);
  return Promise.all(
    dirs.map(async (dir, i) => {
      const record = await openRun(dir);
      const events = await readEvents(dir);
      const epochs = events.filter((event) => event.type === 'epoch');
      return {
        name: names[i]!,
        dir,
        record,
        changed: changedSettings(record),
        state: runState(events),
        epochs: epochs.length,
        seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
      };
    }),
  );
}

/** What the configuration has otherwise than its recipe; all of it where the recipe is not known. */
function changedSettings({ recipe: name, configuration }: RunRecord): Record<string, unknown> {
  const recipe = recipes.find((known) => known.name === name);
  const usual = recipe ? (configure(recipe, {}) as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(configuration).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key])),
  );
}

const longest = 60;

/** Names for folders: of the last two parts of their paths, none twice, letters and digits with `.`, `=`, `,` and `-` between them. */
export function fileNames(dirs: readonly string[]): string[] {
  const taken = new Set<string>();
  return dirs.map((dir) => {
    const parts = dir.split(/[\\/]+/).filter((part) => !/^\.*$/.test(part));
    const safe = parts
      .slice(-2)
      .join('-')
      .replace(/[^A-Za-z0-9.=,-]+/g, '-')
      .slice(-longest);
    const name = safe.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'run';
    let unique = name;
    for (let i = 2; taken.has(unique.toLowerCase()); i++) unique = `${name}-${i}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
