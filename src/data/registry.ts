import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LegendaError, UsageError } from '../errors.js';
import { type CaptionFolder, readCaptionFolder } from './captions/caption-folder.js';
import { type KnownCaptionSet, knownCaptionSets } from './captions/known-sets.js';
import { isSetName } from './captions/load-set.js';
import { fashionMnist, fashionMnistSample, type PinnedSet } from './pinned-sets.js';

/** A data set that the program knows by name: files known to the byte, or images with captions, of which there are versions. */
export type KnownSet = PinnedSet | ({ readonly kind: 'captions' } & KnownCaptionSet);

export const knownSets: readonly KnownSet[] = [
  fashionMnist,
  fashionMnistSample,
  ...knownCaptionSets.map((set) => ({ kind: 'captions' as const, ...set })),
];

/** @throws UsageError naming the sets that are known */
export function findSet(name: string): KnownSet {
  const set = knownSets.find((known) => known.name === name);
  if (set) return set;
  throw new UsageError(`there is no data set "${name}"; known are ${knownSets.map((known) => known.name).join(', ')}`);
}

/** A caption set that lies in the data root, known or the user's own; `problem` where it cannot be read. */
export interface PlacedCaptionSet {
  readonly name: string;
  readonly folder: string;
  readonly found?: CaptionFolder;
  readonly problem?: string;
}

/** The caption sets in the data root, by name. Other folders there are passed over unless a known set has their name. */
export async function captionSetsIn(root: string): Promise<PlacedCaptionSet[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const pinned = knownSets.filter(({ kind }) => kind === 'pinned').map(({ name }) => name);
  const names = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && isSetName(entry.name))
    .map(({ name }) => name)
    .filter((name) => !pinned.includes(name));
  const placed = await Promise.all(names.sort().map((name) => captionSetAt(name, root)));
  const isKnown = (name: string): boolean => knownSets.some((known) => known.name === name);
  return placed.filter(({ name, found }) => found !== undefined || isKnown(name));
}

async function captionSetAt(name: string, root: string): Promise<PlacedCaptionSet> {
  const folder = join(root, name);
  try {
    return { name, folder, found: await readCaptionFolder(folder) };
  } catch (error) {
    if (error instanceof LegendaError) return { name, folder, problem: error.message };
    throw error;
  }
}
