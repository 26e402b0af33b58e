import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Recipe } from '../../recipes/recipe.js';
import type { HalvingMode } from '../../recipes/sweep/halving.js';
import type { Halving, RandomSearch, SweepPlan } from '../../recipes/sweep/plan.js';
import { type CaptionerOptions, shorthands } from '../frame/options.js';

/** The options that say what a sweep tries. */
export interface PlanOptions extends CaptionerOptions {
  readonly grid?: readonly string[];
  readonly random?: number;
  readonly range?: readonly string[];
  readonly halving?: HalvingMode;
  readonly eta?: number;
  readonly minEpochs?: number;
  readonly set: readonly string[];
  readonly out?: string;
  readonly seed: number;
  /** Whether the seed was asked for. */
  readonly isSeedGiven?: boolean;
  readonly data?: string;
}

/** Sweeps of the same settings, one a recipe. */
export interface Plans {
  readonly dir: string;
  readonly plans: readonly SweepPlan[];
  /** How many trials they have together. */
  readonly trials: number;
}

/**
 * One recipe has the folder for itself; of several each has a folder in it.
 * @throws UsageError when options do not fit each other or one of the recipes
 */
export async function plansOf(names: readonly string[], options: PlanOptions): Promise<Plans> {
  const { dataRoot } = await import('../../data/root.js');
  const { parseSettings } = await import('../../recipes/configure.js');
  const { fixPaths } = await import('../../recipes/fix-paths.js');
  const { isSweep } = await import('../../recipes/sweep/folder.js');
  const { halvingRule } = await import('../../recipes/sweep/rule.js');
  const { parseGrid, trialsOf } = await import('../../recipes/sweep/trials.js');
  const recipes = await recipesOf(names);
  const random = await randomOf(options);
  const halving = halvingOf(options);
  const dir = options.out ?? `runs/${names.join('+')}-sweep`;
  const common = {
    settings: await fixPaths(parseSettings([...options.set, ...shorthands(options)]), dataRoot(options.data)),
    grid: parseGrid(options.grid ?? []),
    seed: options.seed,
    ...(random && { random }),
    ...(halving && { halving }),
  };
  refuseTwice(common, options);
  const isOne = recipes.length === 1;
  const plans = recipes.map((recipe) => ({ ...common, recipe, dir: isOne ? dir : join(dir, recipe.name) }));
  const counts = plans.map((plan) => {
    const { length } = trialsOf(plan);
    halvingRule(plan, length);
    return length;
  });
  if (!isOne && (await isSweep(dir)))
    throw new UsageError(`${dir} holds the sweep of one recipe: choose another folder for that of several`);
  return { dir, plans, trials: counts.reduce((sum, count) => sum + count, 0) };
}

/** With --random the seed draws the trials too. */
function refuseTwice({ grid, random }: Pick<SweepPlan, 'grid' | 'random'>, { isSeedGiven = false }: PlanOptions): void {
  if (isSeedGiven && random === undefined && Object.hasOwn(grid, 'seed'))
    throw new UsageError('"seed" is set twice: by --seed, and by --grid');
}

async function recipesOf(names: readonly string[]): Promise<Recipe[]> {
  const { recipeNamed } = await import('../../recipes/table.js');
  const recipes = names.map(recipeNamed);
  const counted = recipes.find((recipe) => recipe.training === undefined);
  if (counted) throw new UsageError(`${counted.name} is a network that is counted; it has no training`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`the recipe "${twice}" comes twice`);
  const [first, ...others] = recipes as [Recipe, ...Recipe[]];
  const other = others.find(({ kind }) => kind !== first.kind);
  if (other)
    throw new UsageError(`nothing compares a ${first.kind} (${first.name}) with a ${other.kind} (${other.name})`);
  return recipes;
}

async function randomOf({ random: trials, range, grid }: PlanOptions): Promise<RandomSearch | undefined> {
  const { parseRanges } = await import('../../recipes/sweep/ranges.js');
  const ranges = parseRanges(range ?? []);
  if (trials === undefined) {
    if (range) throw new UsageError('--range is what trials are drawn from: --random N says how many');
    return undefined;
  }
  if (!range && !grid) throw new UsageError('--random draws from --range and --grid: one of them is expected');
  return { trials, ranges };
}

function halvingOf({ halving: mode, eta, minEpochs }: PlanOptions): Halving | undefined {
  if (mode !== undefined) return { mode, eta: eta ?? 3, minEpochs: minEpochs ?? 1 };
  if (eta !== undefined || minEpochs !== undefined) throw new UsageError('--eta and --min-epochs belong to --halving');
  return undefined;
}
