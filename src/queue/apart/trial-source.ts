import { loadFashionMnist, loadFashionMnistSample, sampleWarning } from '../../data/fashion-mnist.js';
import type { Transfer } from '../../data/obtain.js';
import { dataRoot } from '../../data/root.js';
import { UsageError } from '../../errors.js';
import type { CaptionerRecipe, ClassifierRecipe, Recipe } from '../../recipes/recipe.js';
import type { Prepared } from '../../recipes/run.js';
import type { TrialSource } from '../../recipes/run-trial.js';

/** How far something is: a transfer, or a number of images. */
export type Amount = Transfer | (Omit<Transfer, 'unit'> & { readonly unit: 'images' });

export interface DataListeners {
  readonly onProgress: (amount: Amount) => void;
  readonly onNote: (text: string) => void;
}

export interface DataOptions {
  /** Where data sets are; the environment's, or the cache's folder, when left out. */
  readonly data?: string | undefined;
  /** Whether to use the bundled sample of Fashion-MNIST. */
  readonly sample?: boolean | undefined;
}

export interface SourceListeners extends DataListeners {
  readonly onWarning: (text: string) => void;
}

/** @throws UsageError when a sample is asked for that the recipe's data does not have */
export function checkSample({ kind, name }: Recipe, { sample }: DataOptions): void {
  if (kind === 'captioner' && sample)
    throw new UsageError(`--sample is a sample of Fashion-MNIST; ${name} is trained on captions (--dataset)`);
}

/** What a recipe is trained on. @throws UsageError when the sample is asked for, and there is none */
export async function trialSource(
  recipe: Recipe,
  options: DataOptions,
  listeners: SourceListeners,
  signal: AbortSignal,
): Promise<TrialSource<unknown>> {
  checkSample(recipe, options);
  const source =
    recipe.kind === 'classifier'
      ? await classifierTrials(recipe, options, listeners, signal)
      : captionerTrials(recipe, options, listeners, signal);
  return source as TrialSource<unknown>;
}

async function classifierTrials(
  recipe: ClassifierRecipe,
  { data, sample }: DataOptions,
  { onWarning, ...listeners }: SourceListeners,
  signal: AbortSignal,
) {
  const { prepareClassifier } = await import('../../recipes/run-recipe.js');
  const set = sample
    ? await loadFashionMnistSample()
    : await loadFashionMnist({ root: dataRoot(data), signal, ...listeners });
  if (set.sample) onWarning(sampleWarning);
  return {
    prepare: (settings: Readonly<Record<string, unknown>>, seed: number) =>
      prepareClassifier(recipe, settings, set, seed),
  };
}

const captionerTrials = (
  recipe: CaptionerRecipe,
  { data }: DataOptions,
  { onProgress, onWarning }: SourceListeners,
  signal: AbortSignal,
): TrialSource<unknown> => ({
  async prepare(settings, seed, runtime) {
    const { prepareCaptioner } = await import('../../recipes/prepare-captioner.js');
    const prepared = await prepareCaptioner(recipe, settings, seed, {
      root: dataRoot(data),
      runtime,
      signal,
      onWarning,
      onProgress: (what, done, total) => onProgress({ what, done, total, unit: 'images' }),
    });
    return prepared as Prepared<unknown>;
  },
});
