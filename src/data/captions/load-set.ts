import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LegendaError } from '../../errors.js';
import { type CaptionFolder, readCaptionFolder } from './caption-folder.js';
import type { CaptionedImage, CaptionSet } from './caption-set.js';
import { nameCaptions } from './known-captions.js';

export interface LoadOptions {
  /** The data root (see `dataRoot`). */
  readonly root: string;
  /** Of the division into splits, for a CSV that has none; 42 by default. */
  readonly seed?: number;
  /** Leave out images that are missing, with a warning, instead of failing. */
  readonly partial?: boolean;
}

export interface LoadedCaptionSet extends CaptionSet {
  readonly imageFolder: string;
  readonly captionFile: string;
  /** Which captions these are, in words: original, corrected, or unknown with the digest's beginning. */
  readonly captions: string;
  /** What was left out, and what cannot be done with the set. */
  readonly warnings: readonly string[];
}

/**
 * Captions and where their images are: a set of the data root by name, or any folder with a JSON of Karpathy's form or a CSV
 * of `file,caption[,split]`. Images are not opened (see `verifyCaptionSet`). What has no words is left out.
 *
 * @throws LegendaError when there is no such set, its captions are wrong, images are missing, or none has a caption
 */
export async function loadCaptionSet(
  nameOrFolder: string,
  { root, seed, partial }: LoadOptions,
): Promise<LoadedCaptionSet> {
  const folder = await findCaptionSet(nameOrFolder, root);
  const found = await readCaptionFolder(folder, seed === undefined ? {} : { seed });
  return judge(basename(folder), found, partial ?? false);
}

/**
 * The folder of a set: a name's in the data root, else the folder itself.
 * @throws LegendaError when there is neither
 */
export async function findCaptionSet(nameOrFolder: string, root: string): Promise<string> {
  const named = isSetName(nameOrFolder) ? [join(root, nameOrFolder)] : [];
  const places = [...named, resolve(nameOrFolder)];
  for (const place of places) {
    if ((await stat(place).catch(() => undefined))?.isDirectory()) return place;
  }
  throw new LegendaError(
    `there is no caption set "${nameOrFolder}": no folder ${[...new Set(places)].join(' or ')}. ` +
      `"legenda data list" prints the sets that are known, "legenda data import" brings one that you have`,
  );
}

/** Whether a text is a name, and neither a path nor hidden. */
export const isSetName = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,99}$/iu.test(text);

/** The set that a folder makes, with what is wrong with it. @throws LegendaError when it is of no use */
export function judge(name: string, folder: CaptionFolder, partial: boolean): LoadedCaptionSet {
  const { captionFile, imageFolder, missing, sha256, divided } = folder;
  const warnings: string[] = [];
  if (missing.length > 0) {
    const what = `${missing.length} of ${folder.images.length} images are missing, first ${missing[0]}`;
    if (!partial || missing.length === folder.images.length)
      throw new LegendaError(`${name}: ${what} (in ${imageFolder})`);
    warnings.push(`${what}, and left out`);
  }
  const absent = new Set(missing);
  const present = folder.images.filter(({ file }) => !absent.has(file));
  const spoken = present.map(withWords);
  const images = spoken.filter(({ captions }) => captions.length > 0);
  if (images.length === 0)
    throw new LegendaError(`${name}: none of the ${present.length} images has a caption with words in ${captionFile}`);
  const count = (all: readonly CaptionedImage[]): number => all.reduce((sum, { captions }) => sum + captions.length, 0);
  const empty = count(present) - count(spoken);
  if (empty > 0) warnings.push(`${empty} captions have no words and are left out`);
  if (images.length < spoken.length) {
    const first = spoken.find(({ captions }) => captions.length === 0)!;
    warnings.push(`${spoken.length - images.length} images have no captions and are left out, first ${first.file}`);
  }
  if (divided) warnings.push('the file says nothing of splits: the images were divided at random, 80 % for training');
  for (const [split, use] of uses) {
    if (!images.some((image) => image.split === split)) warnings.push(`there are no ${use}`);
  }
  return { name, images, sha256, imageFolder, captionFile, captions: nameCaptions(sha256), warnings };
}

const uses = [
  ['train', 'training images: nothing can be trained on this set'],
  ['val', 'validation images'],
  ['test', 'test images'],
] as const;

const withWords = (image: CaptionedImage): CaptionedImage =>
  image.captions.every(({ tokens }) => tokens.length > 0)
    ? image
    : { ...image, captions: image.captions.filter(({ tokens }) => tokens.length > 0) };
