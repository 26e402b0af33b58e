/** Every recipe. A line here and a file beside it make a new one. */
import { UsageError } from '../errors.js';
import { convPoolLinearRecipe, mlpRecipe } from './counted.js';
import { fashionCnn } from './fashion-cnn.js';
import { fashionCnnBest } from './fashion-cnn-best.js';
import { suggestion } from './nearest.js';
import type { Recipe } from './recipe.js';

export const recipes: readonly Recipe[] = [convPoolLinearRecipe, mlpRecipe, fashionCnn, fashionCnnBest];

/** @throws UsageError listing what there is */
export function recipeNamed(name: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined) {
    const names = recipes.map((known) => known.name);
    throw new UsageError(`there is no recipe "${name}"${suggestion(name, names)}; there are ${names.join(', ')}`);
  }
  return recipe;
}
