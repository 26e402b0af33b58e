import type { ImageClassificationSet } from '../../data/dataset.js';
import type { DataOptions } from '../../queue/apart/trial-source.js';
import { dataProgress } from '../data-progress.js';
import { warn } from './output.js';

/** Fashion-MNIST for a command: with progress, and a loud word when only the sample is used. */
export async function loadData(
  options: DataOptions,
  signal: AbortSignal,
  allowSample = false,
): Promise<ImageClassificationSet> {
  const { dataRoot } = await import('../../data/root.js');
  const { loadFashionMnist, loadFashionMnistSample, sampleWarning } = await import('../../data/fashion-mnist.js');
  using progress = dataProgress();
  const set = options.sample
    ? await loadFashionMnistSample()
    : await loadFashionMnist({ root: dataRoot(options.data), allowSample, signal, ...progress.listeners });
  if (set.sample) warn(sampleWarning);
  return set;
}
