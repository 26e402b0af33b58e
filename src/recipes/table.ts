/** Every recipe. A line here and a file beside it make a new one. */
import { UsageError } from '../errors.js';
import { captioner } from './captioner.js';
import { captionerAttention } from './captioner-attention.js';
import { captionerBest } from './captioner-best.js';
import { convPoolLinearRecipe, mlpRecipe } from './counted.js';
import { fashionCnn } from './fashion-cnn.js';
import { fashionCnnBest } from './fashion-cnn-best.js';
import { fashionMlpRecipe } from './fashion-mlp.js';
import { suggestion } from './nearest.js';
import type { CaptionerRecipe, ClassifierRecipe, Recipe } from './recipe.js';
import { sequential } from './sequential.js';

export const recipes: readonly Recipe[] = [
  convPoolLinearRecipe,
  mlpRecipe,
  fashionCnn,
  fashionCnnBest,
  fashionMlpRecipe,
  sequential,
  captioner,
  captionerAttention,
  captionerBest,
];

/** @throws UsageError listing what there is */
export function recipeNamed(name: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined) {
    const names = recipes.map((known) => known.name);
    throw new UsageError(`there is no recipe "${name}"${suggestion(name, names)}; there are ${names.join(', ')}`);
  }
  return recipe;
}

/** @throws UsageError when there is none of that name, or it is no classifier */
export function classifierNamed(name: string): ClassifierRecipe {
  const recipe = recipeNamed(name);
  if (recipe.kind !== 'classifier') throw new UsageError(`a classifier's recipe is expected, ${name} is a captioner's`);
  return recipe;
}

/** @throws UsageError when there is none of that name, or it is no captioner */
export function captionerNamed(name: string): CaptionerRecipe {
  const recipe = recipeNamed(name);
  if (recipe.kind !== 'captioner') throw new UsageError(`a captioner's recipe is expected, ${name} is a classifier's`);
  return recipe;
}
