import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { configure, parseValue } from './configure.js';
import type { Recipe } from './recipe.js';

/** Values to try of each key; every combination is a trial. `seed` may be one of the keys. */
export type Grid = Readonly<Record<string, readonly unknown[]>>;

export interface Trial {
  readonly name: string;
  readonly dir: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/**
 * `key=a,b,c` as a grid's row; a list value is written as JSON.
 * @throws UsageError when there is no `=` or no value
 */
export function parseGrid(rows: readonly string[]): Grid {
  const grid = new Map<string, unknown[]>();
  for (const row of rows) {
    const at = row.indexOf('=');
    const values = at < 1 ? [] : splitValues(row.slice(at + 1));
    if (values.length === 0 || values.some((value) => value === ''))
      throw new UsageError(`grid "${row}": key=a,b,c is expected`);
    const key = row.slice(0, at);
    if (grid.has(key)) throw new UsageError(`grid: "${key}" comes twice`);
    grid.set(key, values.map(parseValue));
  }
  return Object.fromEntries(grid);
}

/** Splits at commas that are not inside brackets. */
const splitValues = (text: string): string[] => text.split(/,(?![^[]*\])/);

/**
 * Every combination, the last key fastest.
 * @throws UsageError when a combination is no configuration of the recipe, or comes twice
 */
export function trialsOf(
  recipe: Recipe,
  settings: Readonly<Record<string, unknown>>,
  grid: Grid,
  seed: number,
  dir: string,
): Trial[] {
  const combinations = Object.entries(grid).reduce<Record<string, unknown>[]>(
    (before, [key, values]) => before.flatMap((chosen) => values.map((value) => ({ ...chosen, [key]: value }))),
    [{}],
  );
  const trials = combinations.map((chosen): Trial => {
    const { seed: ownSeed = seed, ...changes } = chosen;
    const own = z.int().min(0).safeParse(ownSeed);
    if (!own.success) throw new UsageError(`seed: a whole number from 0 is expected, got ${JSON.stringify(ownSeed)}`);
    const all = { ...settings, ...changes };
    configure(recipe, all);
    const name = Object.entries(chosen)
      .map(([key, value]) => `${key}=${String(value).replaceAll(/[^\w.+-]+/g, '_')}`)
      .join(',');
    return { name: name || 'only', dir: join(dir, name || 'only'), settings: all, seed: own.data };
  });
  const names = trials.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`grid: two trials would have the name "${twice}"`);
  return trials;
}
