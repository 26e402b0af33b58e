import type { ImageClassificationSet } from '../data/dataset.js';
import { type FashionMnistOptions, loadFashionMnist, loadFashionMnistSample } from '../data/fashion-mnist.js';
import type { RunRecord } from '../train/record.js';

/** The data that a run was trained on: the sample where it was that. */
export const loadDataOf = ({ dataset }: RunRecord, options: FashionMnistOptions): Promise<ImageClassificationSet> =>
  dataset.sample ? loadFashionMnistSample() : loadFashionMnist(options);
