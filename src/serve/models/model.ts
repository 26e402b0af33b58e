import { recipeNamed } from '../../recipes/table.js';
import { openNodeRuntime } from '../../runtime/open-node.js';
import { openRun } from '../../train/record.js';
import { openServedCaptioner } from './captioner.js';
import { openServedClassifier } from './classifier.js';
import type { ModelAnswer, ModelDescription, ModelSettings } from './protocol.js';

/** A run that answers. */
export interface Model {
  readonly description: ModelDescription;
  /** @param images at most the batch; one call at a time */
  answer(images: readonly Uint8Array[], best: number): Promise<readonly ModelAnswer[]>;
}

/** Opens a run and compiles it for batches of several sizes. @throws LegendaError when it cannot be opened */
export async function openModel(settings: ModelSettings): Promise<Model> {
  const { kind } = recipeNamed((await openRun(settings.dir)).recipe);
  const { threads, device } = settings;
  const runtime = await openNodeRuntime({ ...(threads && { threads }), ...(device && { device }) });
  return kind === 'captioner' ? openServedCaptioner(settings, runtime) : openServedClassifier(settings, runtime);
}
