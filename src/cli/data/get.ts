import type { KnownCaptionSet } from '../../data/captions/known-sets.js';
import type { ObtainOptions } from '../../data/obtain.js';
import type { PinnedSet } from '../../data/pinned-sets.js';
import { dataProgress } from '../data-progress.js';
import { onInterrupt } from '../frame/interrupt.js';
import { print, printJson } from '../frame/output.js';
import { reportSet } from './report-set.js';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly force?: boolean;
  readonly offline?: boolean;
}

/** `legenda data get` */
export async function getData(name: string, { data, json, force = false, offline = false }: Options): Promise<void> {
  const { dataRoot } = await import('../../data/root.js');
  const { findSet } = await import('../../data/registry.js');
  const set = findSet(name);
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const options = { root: dataRoot(data), force, offline, signal: interrupt.signal, ...progress.listeners };
  const report = set.kind === 'pinned' ? await getFiles(set, options) : await getCaptions(set, options);
  progress[Symbol.dispose]();
  report(json ?? false);
}

/** Fetches, and gives what prints the outcome. */
async function getFiles({ name, files, bundled }: PinnedSet, options: ObtainOptions) {
  const { obtainFiles } = await import('../../data/obtain.js');
  const { bundledRoot } = await import('../../data/fashion-mnist.js');
  const { source } = await obtainFiles(files, bundled ? { ...options, root: bundledRoot, force: false } : options);
  return (json: boolean): void => {
    if (json) printJson({ name, source });
    else print(`${files.title}: ${files.files.length} files, all as they should be, from ${source}`);
  };
}

async function getCaptions(known: KnownCaptionSet, options: ObtainOptions) {
  const { obtainCaptionSet } = await import('../../data/captions/get-set.js');
  const { set, source } = await obtainCaptionSet(known, options);
  return (json: boolean): void => reportSet(set, source, json);
}
