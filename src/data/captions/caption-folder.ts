import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, normalize } from 'node:path';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import { byName } from '../images/list-images.js';
import { isCaptionCsv, readCaptionCsv } from './caption-csv.js';
import type { CaptionedImage } from './caption-set.js';
import { isKarpathy, readKarpathy } from './karpathy.js';
import { readTextFile, type TextFile } from './text-file.js';

/** What lies in a folder: captions, and the images that they are of, not yet judged. */
export interface CaptionFolder {
  readonly captionFile: string;
  /** sha256 of the file. */
  readonly sha256: string;
  readonly images: readonly CaptionedImage[];
  /** Whether the images were divided into splits here, as the file does not say. */
  readonly divided: boolean;
  /** The folder in which most of the images lie. */
  readonly imageFolder: string;
  /** Images that are not there. */
  readonly missing: readonly string[];
}

export interface CaptionFolderOptions {
  /** Whether the captions may lie deeper than in the folder itself, as in an archive. */
  readonly search?: boolean;
  /** The file of the captions, in place of one in the folder. */
  readonly captions?: string;
  /** Of the division into splits, for a CSV without any; 42 by default. */
  readonly seed?: number;
}

/** How many folders below the given one are looked at. */
const depth = 4;

/**
 * Finds captions (a `dataset.json` of Karpathy's form or a `captions.csv`, else the only other JSON or CSV of captions) and
 * images in a folder.
 * @throws LegendaError when the folder is not there, has no captions, has several files with captions, or one that is wrong
 */
export async function readCaptionFolder(
  folder: string,
  { search = false, captions, seed = 42 }: CaptionFolderOptions = {},
): Promise<CaptionFolder> {
  const file = captions
    ? await readTextFile(captions)
    : await findCaptions(folder, await walk(folder, search ? depth : 0));
  const { images, divided } = parseCaptions(file, seed);
  if (images.length === 0) throw new LegendaError(`${file.path} has no images`);
  const tree = await walk(folder, depth);
  return {
    captionFile: file.path,
    sha256: file.sha256,
    divided,
    images,
    ...findImages(folder, file.path, images, tree),
  };
}

interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

/** More folders than any set has. */
const maxFolders = 10_000;

/** A folder and those below it, nearer ones first. Names with a dot in front, and macOS's, are other programs' notes. */
async function walk(top: string, depth: number): Promise<Folder[]> {
  const folders: Folder[] = [];
  let level = [top];
  for (let d = 0; d <= depth && folders.length < maxFolders; d++) {
    const next: string[] = [];
    for (const path of level) {
      const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
        if (d > 0) return [];
        throw describeFileError(error, `cannot read the folder ${path}`);
      });
      const shown = entries.filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
      const kinds = await Promise.all(shown.map((entry) => kindOf(path, entry)));
      const named = (kind: 'file' | 'folder'): string[] =>
        shown
          .filter((_, i) => kinds[i] === kind)
          .map(({ name }) => name)
          .sort(byName);
      folders.push({ path, files: named('file') });
      for (const name of named('folder')) next.push(join(path, name));
    }
    level = next;
  }
  return folders;
}

/** Links count as what they lead to; pipes and devices as nothing. */
async function kindOf(path: string, entry: Dirent): Promise<'file' | 'folder' | undefined> {
  const found = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => undefined) : entry;
  if (found?.isFile()) return 'file';
  return found?.isDirectory() ? 'folder' : undefined;
}

async function findCaptions(folder: string, tree: readonly Folder[]): Promise<TextFile> {
  const found = tree.flatMap(({ path, files }) =>
    files.filter((name) => /^\.(?:json|csv)$/iu.test(extname(name))).map((name) => join(path, name)),
  );
  const named = found.filter((path) => ['dataset.json', 'captions.csv'].includes(basename(path)));
  const [only, ...others] = named.length > 0 ? named : found;
  if (only === undefined) {
    throw new LegendaError(
      `${folder} has no captions: a dataset.json of Karpathy's form or a CSV "file,caption" was expected${archivesIn(tree)}`,
    );
  }
  if (others.length === 0) return readTextFile(only);
  const files = await Promise.all([only, ...others].map((path) => readTextFile(path).catch(() => undefined)));
  const fitting = files.filter((file) => file !== undefined && (isKarpathy(file.value) || isCaptionCsv(file.text)));
  if (fitting.length === 1) return fitting[0]!;
  const names = (fitting.length > 0 ? fitting.map((file) => file!.path) : [only, ...others]).map((path) =>
    basename(path),
  );
  const problem = fitting.length > 0 ? 'more than one file with captions' : 'no file with captions';
  throw new LegendaError(
    `${folder} has ${problem}: ${names.slice(0, 10).join(', ')}; one is expected, or one that is called dataset.json`,
  );
}

/** The authors' own archives hold the images in another archive. */
function archivesIn(tree: readonly Folder[]): string {
  const archives = tree.flatMap(({ files }) => files.filter((name) => /\.(?:rar|zip|tar|tgz|gz|7z)$/iu.test(name)));
  return archives.length > 0 ? `; ${archives.slice(0, 3).join(', ')} must be unpacked first` : '';
}

function parseCaptions({ path, value, text }: TextFile, seed: number): { images: CaptionedImage[]; divided: boolean } {
  if (extname(path).toLowerCase() === '.csv') return readCaptionCsv(text, path, seed);
  return { images: readKarpathy(value, path).images, divided: false };
}

/** The folder that has the most of the images; of several `images` beside the captions, then the captions' own, then any. */
function findImages(folder: string, captionFile: string, images: readonly CaptionedImage[], tree: readonly Folder[]) {
  const own = dirname(captionFile);
  const holders = new Map<string, string[]>();
  for (const { path, files } of tree) {
    for (const name of files) holders.set(name, [...(holders.get(name) ?? []), path]);
  }
  const counts = new Map<string, number>([join(own, 'images'), own].map((path) => [path, 0]));
  for (const { file } of images) {
    const below = normalize(`/${file}`).slice(0, -basename(file).length - 1);
    for (const path of holders.get(basename(file)) ?? []) {
      if (!path.endsWith(below)) continue;
      const root = path.slice(0, path.length - below.length);
      counts.set(root, (counts.get(root) ?? 0) + 1);
    }
  }
  const [imageFolder] = [...counts].reduce((best, other) => (other[1] > best[1] ? other : best));
  const isThere = (file: string): boolean =>
    holders.get(basename(file))?.includes(dirname(join(imageFolder, file))) ?? false;
  const missing = images.map(({ file }) => file).filter((file) => !isThere(file));
  const archives = archivesIn(tree);
  if (missing.length === images.length && archives !== '') {
    throw new LegendaError(`${folder}: none of the ${images.length} images is there${archives}`);
  }
  return { imageFolder, missing };
}
