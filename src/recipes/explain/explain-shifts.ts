import type { ImageClassificationSet } from '../../data/dataset.js';
import { accuracyByShift } from '../../explain/equivariance/accuracy.js';
import { examineEquivariance } from '../../explain/equivariance/examine.js';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import type { Runtime } from '../../runtime/session.js';
import { InferenceModel } from '../../train/inference.js';
import type { TrainedModel } from '../open-run.js';
import { firstTestImages } from '../shown-test-images.js';

export interface ExplainShiftsOptions {
  readonly runtime: Runtime;
  /** Shifts of up to so many pixels either way; 3 by default. */
  readonly most?: number;
  /** Test images whose accuracy is measured; 1,000 by default. */
  readonly images?: number;
}

/** Images that layers are examined on: each place of each of them is compared. */
const forLayers = 16;

/** How layers answer to shifts of their input, and what shifts cost in accuracy. */
export async function explainShifts(
  trained: TrainedModel,
  data: ImageClassificationSet,
  { runtime, most = 3, images = 1000 }: ExplainShiftsOptions,
): Promise<ExplanationFile['shifts']> {
  const { model, parameters } = trained;
  const some = firstTestImages(trained, data, forLayers);
  const layers = await examineEquivariance(model, some, parameters, { runtime, most });
  const tested = firstTestImages(trained, data, images);
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape: tested.shape });
  const accuracy = await accuracyByShift(inference, parameters, tested, tested.labels, most);
  return {
    layers: layers.map(({ errors, ...layer }) => ({
      ...layer,
      errors: errors.map(({ shift, error = null }) => ({ shift, error })),
    })),
    accuracy,
    images: tested.labels.length,
  };
}
