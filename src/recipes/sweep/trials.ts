import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { integer, stream } from '../../tensor/random.js';
import { configure, parseValue } from '../configure.js';
import type { RandomSearch, SweepPlan } from './plan.js';
import { drawFrom } from './ranges.js';

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
 * The trials of a sweep in their order: every combination of its grid, the last key fastest, or those that are drawn.
 * @throws UsageError when a combination is no configuration of the recipe or comes twice, or there are too few to draw from
 */
export function trialsOf(plan: Omit<SweepPlan, 'halving'>): Trial[] {
  const { recipe, settings, grid, random, seed, dir } = plan;
  const chosen = random === undefined ? combinationsOf(grid) : drawn(grid, random, seed);
  const trials = chosen.map((own): Trial => {
    const { seed: ownSeed = seed, ...changes } = own;
    const checked = z.int().min(0).safeParse(ownSeed);
    if (!checked.success)
      throw new UsageError(`seed: a whole number from 0 is expected, got ${JSON.stringify(ownSeed)}`);
    const all = { ...settings, ...changes };
    configure(recipe, all);
    const name = nameOf(own);
    return { name, dir: join(dir, name), settings: all, seed: checked.data };
  });
  const names = trials.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`grid: two trials would have the name "${twice}"`);
  return trials;
}

type Chosen = Readonly<Record<string, unknown>>;

const combinationsOf = (grid: Grid): Chosen[] =>
  Object.entries(grid).reduce<Chosen[]>(
    (before, [key, values]) => before.flatMap((chosen) => values.map((value) => ({ ...chosen, [key]: value }))),
    [{}],
  );

/** How often a trial is drawn again that is one of those before it. */
const mostAttempts = 1000;

/** Each key of each trial has a stream of its own: what is drawn for it depends on no other key, and on no later trial. */
function drawn(grid: Grid, { trials, ranges }: RandomSearch, seed: number): Chosen[] {
  const both = Object.keys(grid).find((key) => Object.hasOwn(ranges, key));
  if (both !== undefined) throw new UsageError(`"${both}" has a row of the grid and a range: one of both is expected`);
  const draws: ((trial: number, attempt: number) => readonly [string, unknown])[] = [
    ...Object.entries(grid).map(([key, values]) => (trial: number, attempt: number) => {
      const random = stream(seed, 'sweep', key, trial, attempt);
      return [key, values[integer(random, 0, values.length - 1)]] as const;
    }),
    ...Object.entries(ranges).map(([key, range]) => (trial: number, attempt: number) => {
      const random = stream(seed, 'sweep', key, trial, attempt);
      return [key, drawFrom(range, random)] as const;
    }),
  ];
  const byName = new Map<string, Chosen>();
  for (let trial = 0; trial < trials; trial++) {
    let attempt = 0;
    const draw = (): Chosen => Object.fromEntries(draws.map((one) => one(trial, attempt)));
    let chosen = draw();
    while (byName.has(nameOf(chosen))) {
      if (++attempt === mostAttempts)
        throw new UsageError(`random: ${trials} different trials are expected, rows and ranges gave only ${trial}`);
      chosen = draw();
    }
    byName.set(nameOf(chosen), chosen);
  }
  return [...byName.values()];
}

/** As its folder is called. */
const nameOf = (chosen: Chosen): string =>
  Object.entries(chosen)
    .map(([key, value]) => `${key}=${String(value).replaceAll(/[^\w.+-]+/g, '_')}`)
    .join(',') || 'only';
