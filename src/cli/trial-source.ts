import type { ImageClassificationSet } from '../data/dataset.js';
import type { CaptionerRecipe, ClassifierRecipe, Recipe } from '../recipes/recipe.js';
import type { Prepared } from '../recipes/run.js';
import type { TrialSource } from '../recipes/sweep.js';
import type { Runtime } from '../runtime/session.js';
import { dataProgress } from './data-progress.js';
import { loadData } from './frame/load-data.js';
import { warn } from './frame/output.js';

interface Options {
  readonly data?: string;
  readonly sample?: boolean;
}

/** What a recipe is trained on, loaded with progress on standard error. */
export async function trialSource(
  recipe: Recipe,
  options: Options,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<TrialSource<unknown>> {
  const source =
    recipe.kind === 'classifier'
      ? await classifierTrials(recipe, await loadData(options, signal))
      : captionerTrials(recipe, options, runtime, signal);
  return source as TrialSource<unknown>;
}

/** Trials of a classifier on images that are loaded. */
export async function classifierTrials(recipe: ClassifierRecipe, data: ImageClassificationSet) {
  const { prepareClassifier } = await import('../recipes/run-recipe.js');
  return {
    digests: data.digests,
    prepare: (settings: Readonly<Record<string, unknown>>, seed: number) =>
      prepareClassifier(recipe, settings, data, seed),
  };
}

const captionerTrials = (recipe: CaptionerRecipe, { data }: Options, runtime: Runtime, signal: AbortSignal) => ({
  // which captions and images a trial is of, its own configuration says
  digests: {},
  async prepare(settings: Readonly<Record<string, unknown>>, seed: number): Promise<Prepared<unknown>> {
    const { prepareCaptioner } = await import('../recipes/prepare-captioner.js');
    const { dataRoot } = await import('../data/root.js');
    using progress = dataProgress();
    const { onProgress } = progress.listeners;
    return (await prepareCaptioner(recipe, settings, seed, {
      root: dataRoot(data),
      runtime,
      signal,
      onWarning: warn,
      onProgress: (what, done, total) => onProgress({ what, done, total, unit: 'images' }),
    })) as Prepared<unknown>;
  },
});
