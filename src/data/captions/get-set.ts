import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LegendaError } from '../../errors.js';
import { makeFolder, sha256OfFile } from '../../files.js';
import { download } from '../download.js';
import { type ObtainOptions, UnavailableError } from '../obtain.js';
import { importCaptionSet } from './import-set.js';
import type { KnownCaptionSet, PublishedFile } from './known-sets.js';
import { type LoadedCaptionSet, loadCaptionSet } from './load-set.js';

export interface ObtainedCaptionSet {
  readonly set: LoadedCaptionSet;
  /** Where it came from. */
  readonly source: string;
}

/**
 * A known caption set: what is in the data root, else what a program can fetch.
 * @throws LegendaError when what is in the data root is not whole: it is never replaced without `force`
 * @throws UnavailableError saying what to do by hand, when the set, or a part of it, cannot be fetched
 */
export async function obtainCaptionSet(known: KnownCaptionSet, options: ObtainOptions): Promise<ObtainedCaptionSet> {
  const { root, force = false, offline = false } = options;
  const folder = join(root, known.name);
  const { archive, captions } = known;
  if (!force && (await stat(folder).catch(() => undefined))) {
    return { set: await loadWhole(known, root), source: folder };
  }
  if (!archive) throw unavailable(known, root, 'no address is known from which a program could fetch it');
  if (offline) throw unavailable(known, root, 'the network was not used (offline)');
  await makeFolder(root);
  const fetched: string[] = [];
  try {
    for (const file of captions ? [archive, captions] : [archive])
      fetched.push(await fetchChecked(file, known, options));
    const [from, own] = fetched as [string, string?];
    const set = await importCaptionSet(known.name, from, {
      root,
      force,
      ...(own && { captions: own }),
      ...(options.signal && { signal: options.signal }),
      onProgress: ({ done, total, unit }) => {
        if (unit === 'bytes') options.onProgress?.({ what: `unpacking ${known.title}`, done, total, unit });
      },
    });
    return { set, source: archive.url };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof LegendaError)) throw error;
    throw unavailable(known, root, error.message);
  } finally {
    for (const part of fetched) await rm(part, { force: true });
  }
}

async function loadWhole(known: KnownCaptionSet, root: string): Promise<LoadedCaptionSet> {
  try {
    return await loadCaptionSet(known.name, { root });
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    if (!known.archive) throw unavailable(known, root, error.message);
    throw new LegendaError(`${error.message}. "legenda data get ${known.name} --force" fetches all of it anew`);
  }
}

const unavailable = ({ name, title, byHand }: KnownCaptionSet, root: string, why: string): UnavailableError =>
  new UnavailableError(
    [
      `${title} is not to be had: ${why}`,
      `To bring it by hand, as ${join(root, name)}:`,
      ...byHand.map((step, i) => `  ${i + 1}. ${step.replaceAll('{root}', root)}`),
    ].join('\n'),
  );

/** @returns the path of the file, which is the caller's to delete */
async function fetchChecked(file: PublishedFile, known: KnownCaptionSet, options: ObtainOptions): Promise<string> {
  const { root, signal, onProgress, timeouts } = options;
  const name = new URL(file.url).pathname.split('/').at(-1)!;
  const { part, resumed } = await download(file.url, join(root, `.${known.name}.${name}`), {
    maxBytes: file.maxBytes,
    ...timeouts,
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ what: name, done, total, unit: 'bytes' }),
  });
  const sha256 = await sha256OfFile(part);
  if (sha256 === file.sha256) return part;
  await rm(part, { force: true });
  // What an earlier attempt left may be of another file.
  if (resumed) return fetchChecked(file, known, options);
  throw new LegendaError(`${file.url}: expected sha256 ${file.sha256}, got ${sha256}`);
}
