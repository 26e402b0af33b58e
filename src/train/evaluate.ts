import { evaluationBatches } from '../data/batches.js';
import type { LabelledImages } from '../data/dataset.js';
import type { PixelMap } from '../data/pixels.js';
import { LegendaError } from '../errors.js';
import { ClassificationScorer, type ClassificationScores } from '../metrics/classification.js';
import { formatShape, sizeOf } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { tensor } from '../tensor/tensor.js';
import type { InferenceModel } from './inference.js';

/** Which images, and how they are handed to the model. */
export interface EvaluationSet {
  readonly images: LabelledImages;
  readonly indices?: Uint32Array;
  readonly map: PixelMap;
  readonly classes: number;
}

export const evaluationBatchSize = 250;

/**
 * Scores of a classifier over a set.
 * @param model compiled for batches of `evaluationBatchSize`
 * @throws LegendaError when it scores another number of classes
 */
export async function evaluateClassifier(
  model: InferenceModel,
  parameters: ReadonlyMap<string, Tensor>,
  { images, indices, map, classes }: EvaluationSet,
): Promise<ClassificationScores> {
  const scorer = new ClassificationScorer(classes);
  const shape = [evaluationBatchSize, images.channels, images.height, images.width];
  const options = { batchSize: evaluationBatchSize, map, ...(indices && { indices }) };
  for (const { pixels, labels, count } of evaluationBatches(images, options)) {
    const output = await model.run(tensor('float32', shape, pixels), parameters);
    if (sizeOf(output.shape) !== evaluationBatchSize * classes)
      throw new LegendaError(
        `scores [${evaluationBatchSize}, ${classes}] are expected of ${classes} classes, the model's are ${formatShape(output.shape)}`,
      );
    scorer.add(output.data as Float32Array, labels, count);
  }
  return scorer.scores();
}
