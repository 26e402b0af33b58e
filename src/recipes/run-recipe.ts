import { join } from 'node:path';
import type { ImageClassificationSet } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { convolutionFilters } from '../explain/filters.js';
import { writeFileAtomic } from '../files.js';
import type { ClassificationScores } from '../metrics/classification.js';
import { countParameters } from '../nn/module.js';
import { loadCheckpoint } from '../train/checkpoint.js';
import {
  type ClassifierFitOptions,
  type ClassifierFitResult,
  checkTraining,
  fitClassifier,
  type Training,
} from '../train/classifier.js';
import { readEvents, runState } from '../train/events.js';
import { exportModel } from '../train/export.js';
import type { Trained } from '../train/fit.js';
import { createRun, openRun, type RunRecord } from '../train/record.js';
import { configure } from './configure.js';
import { describeMachine, describeVersions } from './machine.js';
import type { Recipe } from './recipe.js';
import { recipeNamed } from './table.js';
import { trainingOf } from './train-recipe.js';
import { readWeights, type Weights } from './weights.js';

/** A run that is to begin. */
export interface NewRun {
  readonly recipe: Recipe;
  /** Changes to the recipe's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** A new or empty folder. */
  readonly dir: string;
  /** What the parameters are at first; drawn from the seed when left out. */
  readonly weights?: Weights;
}

/**
 * Trains a recipe in a new run folder.
 * @throws UsageError when configuration, data and recipe do not fit, before anything is written
 */
export async function startRun(
  { recipe, settings, seed, dir, weights }: NewRun,
  data: ImageClassificationSet,
  options: ClassifierFitOptions,
): Promise<ClassifierFitResult> {
  const configuration = configure(recipe, settings);
  const training = trainingOf(recipe, configuration, data, seed);
  checkTraining(training);
  await createRun(dir, {
    format: 1,
    recipe: recipe.name,
    title: recipe.title,
    configuration: configuration as Record<string, unknown>,
    seed,
    versions: describeVersions(options.runtime.version),
    machine: describeMachine(options.runtime.threads),
    dataset: describeData(training),
    ...(weights && { weights: { source: weights.source, sha256: weights.sha256 } }),
    parameters: countParameters(training.model),
    created: new Date().toISOString(),
  });
  return train(dir, weights ? { ...training, initial: weights.parameters } : training, options);
}

/**
 * Goes on with a run from its last checkpoint, to the same bits as if it had never stopped.
 * @throws UsageError when the run has ended, or data, thread count or (before its first checkpoint) the file of its first
 *   parameters are not what it was started with
 */
export async function resumeRun(
  dir: string,
  data: ImageClassificationSet,
  options: ClassifierFitOptions,
): Promise<ClassifierFitResult> {
  const record = await openRun(dir);
  const state = runState(await readEvents(dir));
  if (state === 'done' || state === 'stopped-early' || state === 'diverged') {
    throw new UsageError(`the run ${dir} has ended (${state}): there is nothing to resume`);
  }
  const recipe = recipeNamed(record.recipe);
  const training = trainingOf(recipe, configure(recipe, record.configuration), data, record.seed);
  const { digests } = describeData(training);
  if (JSON.stringify(digests) !== JSON.stringify(record.dataset.digests)) {
    throw new UsageError(
      `the run ${dir} was started on other data (${record.dataset.name} from ${record.dataset.source})`,
    );
  }
  if (options.runtime.threads !== record.machine.threads) {
    throw new UsageError(
      `the run ${dir} was started with ${record.machine.threads} threads; other bits would come of ${options.runtime.threads}`,
    );
  }
  return train(dir, await withFirstParameters(dir, record, training), options);
}

/** A run that has not saved a checkpoint yet begins again at the parameters that it was given. */
async function withFirstParameters(dir: string, { weights }: RunRecord, training: Training): Promise<Training> {
  if (weights === undefined || (await loadCheckpoint(dir, 'last')) !== undefined) return training;
  const { parameters, sha256 } = await readWeights(weights.source, training.model);
  if (sha256 !== weights.sha256) {
    throw new UsageError(`${weights.source} is not the file that the run ${dir} was started from: it has changed`);
  }
  return { ...training, initial: parameters };
}

/** Trains, and writes what reports and applications take: ONNX file, filters, confusion matrix. */
const train = (dir: string, training: Training, options: ClassifierFitOptions): Promise<ClassifierFitResult> =>
  fitClassifier(dir, training, { ...options, onTrained: (trained) => writeResults(dir, training, trained) });

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
