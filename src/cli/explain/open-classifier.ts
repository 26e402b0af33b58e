import type { ImageClassificationSet } from '../../data/dataset.js';
import type { TrainedModel } from '../../recipes/open-run.js';
import type { Runtime } from '../../runtime/session.js';
import { dataProgress } from '../data-progress.js';
import { onInterrupt } from '../frame/interrupt.js';
import { warn } from '../frame/output.js';
import { type ComputeOptions, openRuntime } from '../frame/runtime.js';

export interface ClassifierOptions extends ComputeOptions {
  readonly data?: string;
}

/** A classifier's run with its data, and what it is computed by. */
export async function openClassifier(
  dir: string,
  { data: folder, ...computing }: ClassifierOptions,
): Promise<{ trained: TrainedModel; data: ImageClassificationSet; runtime: Runtime }> {
  const { openTrained } = await import('../../recipes/open-run.js');
  const { loadDataOf } = await import('../../recipes/load-data.js');
  const { dataRoot } = await import('../../data/root.js');
  const { sampleWarning } = await import('../../data/fashion-mnist.js');
  const trained = await openTrained(dir);
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const { signal } = interrupt;
  const data = await loadDataOf(trained.record, { root: dataRoot(folder), signal, ...progress.listeners });
  progress[Symbol.dispose]();
  if (data.sample) warn(sampleWarning);
  return { trained, data, runtime: await openRuntime(computing) };
}
