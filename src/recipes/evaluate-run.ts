import type { ImageClassificationSet } from '../data/dataset.js';
import type { ClassificationScores } from '../metrics/classification.js';
import type { Runtime } from '../runtime/session.js';
import { evaluateClassifier, evaluationBatchSize } from '../train/evaluate.js';
import { InferenceModel } from '../train/inference.js';
import type { TrainedModel } from './open-run.js';
import { trainingOf } from './train-recipe.js';

/** Scores of a trained classifier on one of the splits that its seed and configuration make of the data. */
export async function evaluateTrained(
  trained: TrainedModel,
  data: ImageClassificationSet,
  split: 'train' | 'validation' | 'test',
  runtime: Runtime,
): Promise<ClassificationScores> {
  const { record, recipe, parameters, model } = trained;
  const { split: indices, map } = trainingOf(recipe, record.configuration, data, record.seed);
  const images = split === 'test' ? data.test : data.train;
  const shape = [evaluationBatchSize, images.channels, images.height, images.width];
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape });
  const chosen = split === 'test' ? {} : { indices: indices[split] };
  return await evaluateClassifier(inference, parameters, { images, map, classes: data.classes.length, ...chosen });
}
