import { join, resolve } from 'node:path';
import { isSetName } from '../data/captions/load-set.js';
import { isZooModel } from '../encode/zoo.js';
import { exists } from '../files.js';

/**
 * Settings whose paths are absolute, so that a run's record means the same from every folder: a captioner's data set and encoder,
 * where they are a folder and a file that are there. Names of the data root and of the zoo stay names.
 * @param root the data root
 */
export async function fixPaths(
  settings: Readonly<Record<string, unknown>>,
  root: string,
): Promise<Record<string, unknown>> {
  const { dataset, encoder } = settings;
  const fixed = { ...settings };
  if (typeof dataset === 'string' && dataset !== 'scenes') {
    const isNamed = isSetName(dataset) && (await exists(join(root, dataset)));
    if (!isNamed && (await exists(dataset))) fixed['dataset'] = resolve(dataset);
  }
  if (typeof encoder === 'string' && !isZooModel(encoder) && (await exists(encoder)))
    fixed['encoder'] = resolve(encoder);
  return fixed;
}
