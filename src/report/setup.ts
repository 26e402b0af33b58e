import type { RunRecord } from '../train/record.js';

/** The same text for runs that differ in nothing but their seed: recipe, configuration, data and first parameters. */
export const setupOf = ({ recipe, configuration, dataset, weights }: RunRecord): string =>
  JSON.stringify([recipe, configuration, dataset.digests, dataset.sizes, weights?.sha256]);
