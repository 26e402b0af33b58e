import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LegendaError, UsageError } from '../../errors.js';
import { describeFileError, exists, makeFolder } from '../../files.js';
import { type ArchiveLimits, archiveLimits } from '../archives/guard.js';
import { unpackArchive } from '../archives/unpack.js';
import { isImageName } from '../images/list-images.js';
import { isRunning } from '../processes.js';
import { readCaptionFolder } from './caption-folder.js';
import { isSetName, judge, type LoadedCaptionSet } from './load-set.js';

export interface ImportOptions {
  /** The data root (see `dataRoot`). */
  readonly root: string;
  /** Replace a set of the name. */
  readonly force?: boolean;
  /** A file of captions to use in place of the set's own. */
  readonly captions?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly unit: 'bytes' | 'images';
  }) => void;
  readonly limits?: ArchiveLimits;
}

/**
 * Makes a folder or an archive (.zip, .tar, .tar.gz; not trusted) a set of the data root: `<root>/<name>/` with its file of
 * captions and `images/`. Only these are taken. It appears whole or not at all: it is put together beside its place, checked
 * as a caption set, and renamed.
 *
 * @throws UsageError when the name is none; LegendaError when a set of the name is there and `force` is not given, the source
 *   is no caption set, none of its images is there, or the archive is refused
 */
export async function importCaptionSet(name: string, path: string, options: ImportOptions): Promise<LoadedCaptionSet> {
  const { root, force = false, signal } = options;
  if (!isSetName(name))
    throw new UsageError(`"${name}" is no name for a data set: letters, digits, ".", "_" and "-" are expected`);
  const target = join(root, name);
  const staging = join(root, `.${name}.import-${process.pid}`);
  try {
    await makeFolder(root);
    await clearAbandoned(root, name);
    const refuseToReplace = async (): Promise<void> => {
      if (!force && (await exists(target))) throw new LegendaError(`${target} is there already; --force replaces it`);
    };
    await refuseToReplace();
    await mkdir(staging);
    const set = await assemble(name, path, staging, options);
    signal?.throwIfAborted();
    await refuseToReplace();
    await swap(join(staging, 'set'), target, join(staging, 'old'));
    return {
      ...set,
      imageFolder: join(target, 'images'),
      captionFile: join(target, basename(set.captionFile)),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? error
      : describeFileError(error, `cannot write below ${root}`);
  } finally {
    await rm(staging, { recursive: true, force: true }).catch(() => {});
  }
}

/** Puts the set together in `staging/set`. */
async function assemble(
  name: string,
  path: string,
  staging: string,
  options: ImportOptions,
): Promise<LoadedCaptionSet> {
  const { signal, onProgress, captions } = options;
  const { folder, unpacked } = await open(path, join(staging, 'unpacked'), options);
  const [set, found] = await describing(path, folder, async () => {
    const found = await readCaptionFolder(folder, { search: true, ...(captions && { captions }) });
    return [judge(name, found, true), found];
  });
  const target = join(staging, 'set');
  const captionFile = join(target, /\.csv$/iu.test(found.captionFile) ? 'captions.csv' : 'dataset.json');
  await mkdir(join(target, 'images'), { recursive: true });
  await copy(found.captionFile, captionFile);
  const missing = new Set(found.missing);
  const files = found.images.map(({ file }) => file).filter((file) => !missing.has(file));
  for (const [i, file] of files.entries()) {
    signal?.throwIfAborted();
    const to = join(target, 'images', file);
    await mkdir(dirname(to), { recursive: true });
    // What was unpacked here need not be copied once more.
    await (unpacked ? rename : copy)(join(found.imageFolder, file), to);
    onProgress?.({ done: i + 1, total: files.length, unit: 'images' });
  }
  const incomplete = missing.size > 0 ? ['nothing is trained on the set as long as images are missing'] : [];
  return { ...set, captionFile, warnings: [...set.warnings, ...incomplete] };
}

const copy = (from: string, to: string): Promise<void> => copyFile(from, to, constants.COPYFILE_FICLONE);

/** The folder of what is to be imported: itself, or an archive's content. */
async function open(path: string, into: string, { signal, onProgress, limits = archiveLimits }: ImportOptions) {
  const found = await stat(path).catch((error) => {
    throw describeFileError(error, `cannot read ${path}`);
  });
  if (found.isDirectory()) return { folder: path, unpacked: false };
  if (!found.isFile()) throw new LegendaError(`${path} is neither a folder nor a file`);
  await mkdir(into);
  const options = {
    keep: (name: string) => isPart(basename(name)),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (done: number, total: number) => onProgress({ done, total, unit: 'bytes' as const }),
    }),
  };
  await unpackArchive(path, into, options, limits);
  return { folder: into, unpacked: true };
}

/** What makes a caption set; and archives inside an archive, of which the user is told. */
const isPart = (file: string): boolean =>
  isImageName(file) || (!file.startsWith('.') && /\.(?:json|csv|rar|7z|zip|tar|t?gz)$/iu.test(file));

/** Errors speak of what the user gave, not of where it was unpacked. */
async function describing<T>(path: string, folder: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    throw new LegendaError(error.message.replaceAll(folder, path), { cause: error });
  }
}

/** Puts a folder in its place; what was there goes to `old`, and comes back when that fails. */
async function swap(from: string, to: string, old: string): Promise<void> {
  const before = await exists(to);
  if (before) await rename(to, old);
  try {
    await rename(from, to);
  } catch (error) {
    if (before) await rename(old, to);
    throw error;
  }
}

/** Deletes what imports of this name left behind when they were killed, and brings back what one had just put away. */
async function clearAbandoned(root: string, name: string): Promise<void> {
  const prefix = `.${name}.import-`;
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number(entry.slice(prefix.length));
    if (pid !== process.pid && isRunning(pid)) throw new LegendaError(`process ${pid} is importing ${name} just now`);
    const left = join(root, entry);
    if ((await exists(join(left, 'old'))) && !(await exists(join(root, name))))
      await rename(join(left, 'old'), join(root, name));
    await rm(left, { recursive: true, force: true });
  }
}
