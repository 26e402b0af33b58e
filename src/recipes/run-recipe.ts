import { join } from 'node:path';
import type { ImageClassificationSet } from '../data/dataset.js';
import { convolutionFilters } from '../explain/filters/filters.js';
import { writeFileAtomic } from '../files.js';
import type { ClassificationScores } from '../metrics/classification.js';
import { type ClassifierFitResult, classifierTask, type Training } from '../train/classifier.js';
import { exportModel } from '../train/export.js';
import type { Trained } from '../train/fit.js';
import type { RunRecord } from '../train/record.js';
import { configure } from './configure.js';
import type { ClassifierRecipe } from './recipe.js';
import { beginRun, continueRun, openUnfinished, type Prepared, type RunOptions } from './run.js';
import { classifierNamed } from './table.js';
import { trainingOf } from './train-recipe.js';
import type { Weights } from './weights.js';

/** A run that is to begin. */
export interface NewRun {
  readonly recipe: ClassifierRecipe;
  /** Changes to the recipe's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** A new or empty folder. */
  readonly dir: string;
  /** What the parameters are at first; drawn from the seed when left out. */
  readonly weights?: Weights;
}

/**
 * Puts a classifier's recipe together with its data.
 * @param settings changes to its configuration
 * @throws UsageError when configuration, data and recipe do not fit
 */
export function prepareClassifier(
  recipe: ClassifierRecipe,
  settings: Readonly<Record<string, unknown>>,
  data: ImageClassificationSet,
  seed: number,
): Prepared<ClassificationScores> {
  const training = trainingOf(recipe, configure(recipe, settings), data, seed);
  return {
    task: classifierTask(training),
    model: training.model,
    dataset: describeData(training),
    finish: (dir, trained) => writeResults(dir, training, trained),
  };
}

/**
 * Trains a classifier's recipe in a new run folder.
 * @throws UsageError when configuration, data and recipe do not fit, before anything is written
 */
export async function startRun(
  { settings, ...beginning }: NewRun,
  data: ImageClassificationSet,
  options: RunOptions<ClassificationScores>,
): Promise<ClassifierFitResult> {
  const { recipe, seed } = beginning;
  const prepared = prepareClassifier(recipe, settings, data, seed);
  return beginRun({ ...beginning, configuration: configure(recipe, settings) }, prepared, options);
}

/**
 * Goes on with a run from its last checkpoint, to the same bits as if it had never stopped.
 * @throws UsageError when the run has ended, or data, thread count or (before its first checkpoint) the file of its first
 *   parameters are not what it was started with
 */
export async function resumeRun(
  dir: string,
  data: ImageClassificationSet,
  options: RunOptions<ClassificationScores>,
): Promise<ClassifierFitResult> {
  const record = await openUnfinished(dir);
  const recipe = classifierNamed(record.recipe);
  return continueRun(dir, record, prepareClassifier(recipe, record.configuration, data, record.seed), options);
}

/** ONNX file, filters, confusion matrix. */
async function writeResults(
  dir: string,
  { model, data, map }: Training,
  { parameters, test }: Trained<ClassificationScores>,
): Promise<void> {
  const image = [data.train.channels, data.train.height, data.train.width];
  const metadata = { classes: JSON.stringify(data.classes), pixels: JSON.stringify({ multiplyBytesBy: map.scale }) };
  await writeFileAtomic(join(dir, 'model.onnx'), exportModel(model, image, parameters, metadata));
  await writeFileAtomic(join(dir, 'filters.json'), JSON.stringify({ layers: convolutionFilters(parameters) }));
  if (test === undefined) return;
  const confusion = { classes: data.classes, counts: test.confusion };
  await writeFileAtomic(join(dir, 'confusion.json'), JSON.stringify(confusion));
}

function describeData({ data, split }: Training): RunRecord['dataset'] {
  const { name, source, sample, digests } = data;
  const sizes = { train: split.train.length, validation: split.validation.length, test: data.test.count };
  return { name, source, sample, digests: { ...digests }, sizes };
}
