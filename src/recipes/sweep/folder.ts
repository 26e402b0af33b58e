import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { holdFile } from '../../data/hold-folder.js';
import { UsageError } from '../../errors.js';
import { describeFileError, exists, isTemporary, writeFileAtomic } from '../../files.js';
import { readJson } from '../../json.js';
import { recipeNamed } from '../table.js';
import type { SweepPlan } from './plan.js';
import type { SweepTable } from './table.js';

const fileName = 'sweep.json';

const planSchema = z.looseObject({
  format: z.literal(1),
  recipe: z.string(),
  settings: z.record(z.string(), z.unknown()),
  grid: z.record(z.string(), z.array(z.unknown()).readonly()),
  seed: z.int(),
  /** SHA-256 in hexadecimal by file name. */
  digests: z.record(z.string(), z.string()),
  random: z
    .object({
      trials: z.int().min(1),
      ranges: z.record(
        z.string(),
        z.object({ scale: z.enum(['uniform', 'log', 'int']), low: z.number(), high: z.number() }),
      ),
    })
    .optional(),
  halving: z
    .object({
      mode: z.enum(['synchronous', 'asynchronous']),
      eta: z.int().min(2),
      minEpochs: z.int().min(1),
    })
    .optional(),
});

/** What `sweep.json` says a sweep is about. */
export type About = z.infer<typeof planSchema>;

/** The keys in the order of the schema, in which plans are compared. */
export const aboutOf = (
  { recipe, settings, grid, seed, random, halving }: SweepPlan,
  digests: Readonly<Record<string, string>>,
): About => ({
  format: 1,
  recipe: recipe.name,
  settings,
  grid,
  seed,
  digests: { ...digests },
  ...(random && { random: { trials: random.trials, ranges: { ...random.ranges } } }),
  ...(halving && { halving: { mode: halving.mode, eta: halving.eta, minEpochs: halving.minEpochs } }),
});

/**
 * Sees to it that `dir` is a folder for this sweep: new, empty, or with an earlier part of it, which may have drawn fewer trials.
 * @throws UsageError when it holds another sweep, or anything else
 */
export async function checkSweep(dir: string, about: About): Promise<void> {
  const path = join(dir, fileName);
  if (await exists(path)) {
    const { trials: _, best: __, rungs: ___, ...before } = await readJson(path, planSchema);
    if (isSame(before, about) || isGrown(before, about)) return;
    const { recipe, settings, grid, seed, random, halving } = before;
    const what = JSON.stringify({ recipe, settings, grid, seed, random, halving });
    const data = JSON.stringify(before.digests) === JSON.stringify(about.digests) ? '' : ' on other data';
    throw new UsageError(`${dir} holds another sweep${data} (${what}): choose another folder`);
  }
  const other = (await exists(dir))
    ? (await namesIn(dir)).find((name) => !isTemporary(name) && name !== holdFile)
    : undefined;
  if (other !== undefined) {
    throw new UsageError(`${dir} is not empty (it has "${other}"): choose a new or empty folder for the sweep`);
  }
}

const isSame = (before: About, about: About): boolean => JSON.stringify(before) === JSON.stringify(about);

/** Whether the same is drawn, only more of it. */
function isGrown(before: About, about: About): boolean {
  if (!before.random || !about.random || about.random.trials < before.random.trials) return false;
  return isSame({ ...before, random: { ...before.random, trials: about.random.trials } }, about);
}

/** Saves a sweep with its table. @throws LegendaError when it cannot be written */
export async function saveSweep(dir: string, about: About, { trials, best, rungs }: SweepTable): Promise<void> {
  const content = { ...about, best: best?.name ?? null, trials, ...(rungs && { rungs }) };
  await writeFileAtomic(join(dir, fileName), `${JSON.stringify(content, null, 2)}\n`);
}

/**
 * The plans of the sweeps in a folder: of the one that it is of, or of each recipe's in it.
 * @throws UsageError when there are none; LegendaError when one cannot be read
 */
export async function plansIn(dir: string): Promise<SweepPlan[]> {
  if (await isSweep(dir)) return [await planIn(dir)];
  const plans: SweepPlan[] = [];
  for (const name of (await namesIn(dir)).sort())
    if (await isSweep(join(dir, name))) plans.push(await planIn(join(dir, name)));
  if (plans.length > 0) return plans;
  throw new UsageError(`${dir} is no sweep: it has no ${fileName}, nor has a folder in it`);
}

async function planIn(dir: string): Promise<SweepPlan> {
  const { recipe, settings, grid, seed, random, halving } = await readJson(join(dir, fileName), planSchema);
  const chosen = { ...(random && { random }), ...(halving && { halving }) };
  return { recipe: recipeNamed(recipe), settings, grid, seed, dir, ...chosen };
}

/** Whether a folder is one sweep's. */
export const isSweep = (dir: string): Promise<boolean> => exists(join(dir, fileName));

/**
 * The runs in a sweep's folder, sorted: `lr=0.1`, or `fashion-mlp/lr=0.1` of several recipes. Undefined where there is no sweep.
 * @throws LegendaError when a folder cannot be opened
 */
export async function runsIn(dir: string): Promise<string[] | undefined> {
  const isFolder = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder || (await isRun(dir))) return undefined;
  const names = (await namesIn(dir)).sort();
  if (await isSweep(dir)) return filterAsync(names, (name) => isRun(join(dir, name)));
  const sweeps = await filterAsync(names, (name) => isSweep(join(dir, name)));
  if (sweeps.length === 0) return undefined;
  const runs = sweeps.map(async (name) => (await runsIn(join(dir, name)))?.map((run) => `${name}/${run}`) ?? []);
  return (await Promise.all(runs)).flat();
}

const isRun = (dir: string): Promise<boolean> => exists(join(dir, 'run.json'));

async function filterAsync<T>(items: readonly T[], passes: (item: T) => Promise<boolean>): Promise<T[]> {
  const passed = await Promise.all(items.map(passes));
  return items.filter((_, i) => passed[i]);
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    throw describeFileError(error, `cannot open the folder ${dir}`);
  }
}
