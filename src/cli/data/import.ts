import { UsageError } from '../../errors.js';
import { dataProgress } from '../data-progress.js';
import { onInterrupt } from '../frame/interrupt.js';
import { reportSet } from './report-set.js';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

/** `legenda data import` */
export async function importData(name: string, path: string, { data, json, force = false }: Options): Promise<void> {
  const { dataRoot } = await import('../../data/root.js');
  const { knownSets } = await import('../../data/registry.js');
  const { importCaptionSet } = await import('../../data/captions/import-set.js');
  if (knownSets.some((set) => set.kind === 'pinned' && set.name === name)) {
    throw new UsageError(`"${name}" is the name of a set of fixed files: "legenda data get ${name}" brings it`);
  }
  if (name === 'scenes') {
    throw new UsageError('"scenes" is the name of the set that is drawn: a set of that name would never be used');
  }
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const set = await importCaptionSet(name, path, {
    root: dataRoot(data),
    force,
    signal: interrupt.signal,
    onProgress: ({ unit, ...amount }) =>
      progress.listeners.onProgress({ what: unit === 'bytes' ? 'unpacking' : 'taking images', unit, ...amount }),
  });
  progress[Symbol.dispose]();
  reportSet(set, path, json ?? false);
}
