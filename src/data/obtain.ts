import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LegendaError } from '../errors.js';
import { makeFolder, readFileBounded, writeFileAtomic } from '../files.js';
import { checkContent, maxStoredBytes, type PinnedFile } from './content.js';
import { hasDebianTools, unpackDebianPackage } from './debian.js';
import { type DownloadOptions, download } from './download.js';
import { dataRoot } from './root.js';

/** The files of a data set, and where they may be had. */
export interface FileSet {
  /** Its folder in the data root, and its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly files: readonly PinnedFile[];
  /** Addresses of folders that hold the files, tried in order. */
  readonly mirrors: readonly { readonly title: string; readonly url: string }[];
  /** A package of Debian, and the folder in which it has the files; used in place where it is installed. */
  readonly debian?: { readonly package: string; readonly folder: string };
}

/** How far the fetching of something is. */
export interface Transfer {
  readonly what: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  readonly unit: 'bytes' | 'percent';
}

export interface ObtainOptions {
  /** The data root (see `dataRoot`). */
  readonly root: string;
  /** Fetch again what is there already, and replace it once the new content is checked. */
  readonly force?: boolean;
  /** Use no network. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (transfer: Transfer) => void;
  /** Words on what is done, such as why a source was left for the next. */
  readonly onNote?: (text: string) => void;
  /** Patience with a mirror, in milliseconds. */
  readonly timeouts?: Pick<DownloadOptions, 'connectTimeout' | 'stallTimeout'>;
}

export interface ObtainedFiles {
  /** Decompressed and checked, by the pinned name. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Where they came from. */
  readonly source: string;
}

/** No source has the files; the message lists what was tried, and how to bring them by hand. */
export class UnavailableError extends LegendaError {
  override name = 'UnavailableError';
}

/**
 * The files of a set: from its folder in the data root, else from the installed Debian package, else fetched into the
 * folder from the first source that works.
 *
 * @throws LegendaError when a file in the folder is not what it should be: it is never replaced without `force`
 * @throws UnavailableError when no source has what is missing
 */
export async function obtainFiles(set: FileSet, options: ObtainOptions): Promise<ObtainedFiles> {
  const search = new Search(set, options);
  if (!options.force) await search.take(search.folder, (error, path) => damaged(set, path, options.root, error));
  for (const source of search.sources()) {
    if (search.missing.length === 0) break;
    await search.try(source);
  }
  if (search.missing.length > 0) throw new UnavailableError(search.explain());
  return { contents: search.contents, source: [...search.usedSources].join(', ') };
}

/** A stored file of the set in a folder, compressed or not; undefined where it is not there. */
export async function locate(folder: string, file: PinnedFile): Promise<string | undefined> {
  for (const name of [file.name, file.name.replace(/\.gz$/, '')]) {
    const path = join(folder, name);
    if (await stat(path).catch(() => undefined)) return path;
  }
  return undefined;
}

/** Reads and checks a stored file; the error does not name it. */
export async function readPinned(file: PinnedFile, path: string): Promise<Uint8Array> {
  return checkContent(file, await readFileBounded(path, maxStoredBytes(file)));
}

interface Source {
  readonly title: string;
  readonly fetch: () => Promise<void>;
}

class Search {
  readonly contents = new Map<string, Uint8Array>();
  readonly usedSources = new Set<string>();
  readonly folder: string;
  readonly #set: FileSet;
  readonly #options: ObtainOptions;
  readonly #failures: string[] = [];

  constructor(set: FileSet, options: ObtainOptions) {
    this.#set = set;
    this.#options = options;
    this.folder = join(options.root, set.name);
  }

  get missing(): readonly PinnedFile[] {
    return this.#set.files.filter(({ name }) => !this.contents.has(name));
  }

  /** What is tried for files that are missing, in order. */
  *sources(): Generator<Source> {
    const { debian, mirrors } = this.#set;
    if (debian) yield { title: debian.folder, fetch: () => this.#takeInstalled(debian.folder) };
    if (this.#options.offline) return;
    for (const { title, url } of mirrors) yield { title, fetch: () => this.#fetchFrom(title, url) };
    if (debian) yield { title: `Debian's package ${debian.package}`, fetch: () => this.#fetchPackage(debian) };
  }

  async try({ title, fetch }: Source): Promise<void> {
    try {
      await fetch();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!(error instanceof LegendaError)) throw error;
      this.#failures.push(`${title}: ${error.message}`);
      this.#options.onNote?.(`${this.#set.title} not from ${title}: ${error.message}`);
    }
  }

  /** Reads the missing files that a folder has; returns how many it had. */
  async take(folder: string, describe: (error: LegendaError, path: string) => LegendaError): Promise<number> {
    const wanted = this.missing;
    const results = await Promise.allSettled(
      wanted.map(async (file) => {
        const path = await locate(folder, file);
        if (!path) return undefined;
        return readPinned(file, path).catch((error) => {
          throw error instanceof LegendaError ? describe(error, path) : error;
        });
      }),
    );
    let taken = 0;
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') throw result.reason;
      if (!result.value) continue;
      this.contents.set(wanted[i]!.name, result.value);
      taken++;
    }
    if (taken > 0) this.usedSources.add(folder);
    return taken;
  }

  explain(): string {
    const { name, title, files, mirrors, debian } = this.#set;
    const tried = this.#options.offline ? [...this.#failures, 'the network was not used (offline)'] : this.#failures;
    const places = [...mirrors.map(({ url }) => url), ...(debian ? [`Debian's package ${debian.package}`] : [])];
    return [
      `${title} is not to be had: ${this.missing.map((file) => file.name).join(', ')} missing in ${this.folder}`,
      ...tried.map((failure) => `  tried ${failure}`),
      `To bring it by hand, put these files into ${this.folder} (compressed or not; from ${places.join(' or ')}),`,
      `then check them with "legenda data verify ${name}". sha256 of the decompressed contents:`,
      ...files.map((file) => `  ${file.sha256}  ${file.name.replace(/\.gz$/, '')}`),
    ].join('\n');
  }

  async #takeInstalled(folder: string): Promise<void> {
    const taken = await this.take(folder, (error, path) => new LegendaError(`${path}: ${error.message}`));
    if (taken === 0) this.#failures.push(`${folder}: not installed`);
  }

  async #fetchFrom(title: string, url: string): Promise<void> {
    const { onProgress, signal, timeouts } = this.#options;
    await this.#makeFolder();
    for (const file of this.missing) {
      const path = join(this.folder, file.name);
      const content = await fetchChecked(`${url}${file.name}`, path, file, {
        maxBytes: maxStoredBytes(file),
        ...timeouts,
        ...(signal && { signal }),
        onProgress: (done, total) => onProgress?.({ what: `${file.name} from ${title}`, done, total, unit: 'bytes' }),
      });
      this.contents.set(file.name, content);
      this.usedSources.add(url);
    }
  }

  async #fetchPackage(debian: NonNullable<FileSet['debian']>): Promise<void> {
    const { onProgress, signal } = this.#options;
    if (!(await hasDebianTools())) throw new LegendaError('this machine has no apt-get and dpkg');
    await this.#makeFolder();
    const temporary = await mkdtemp(join(tmpdir(), 'legenda-'));
    try {
      const unpacked = await unpackDebianPackage(debian.package, temporary, {
        ...(signal && { signal }),
        onProgress: (what, percent) =>
          onProgress?.({ what: `Debian: ${what}`, done: percent, total: 100, unit: 'percent' }),
      });
      for (const file of this.missing) {
        const stored = await readFileBounded(join(unpacked, debian.folder, file.name), maxStoredBytes(file));
        const content = await checkContent(file, stored);
        await writeFileAtomic(join(this.folder, file.name), stored);
        this.contents.set(file.name, content);
        this.usedSources.add(`Debian's package ${debian.package}`);
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** A folder that cannot be made is not the source's fault: no other source is tried. */
  #makeFolder(): Promise<void> {
    return makeFolder(this.folder);
  }
}

/** Downloads, checks, and only then gives the file its name. */
async function fetchChecked(
  url: string,
  path: string,
  file: PinnedFile,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const { part, resumed } = await download(url, path, options);
  try {
    const content = await readPinned(file, part);
    await rename(part, path);
    return content;
  } catch (error) {
    await rm(part, { force: true });
    // What an earlier attempt left may be of another mirror's copy, compressed differently.
    if (resumed) return fetchChecked(url, path, file, options);
    throw error;
  }
}

function damaged(set: FileSet, path: string, root: string, { message }: LegendaError): LegendaError {
  const where = root === dataRoot() ? '' : ` --data ${root}`;
  const mend = `delete it, or fetch it again with "legenda data get ${set.name} --force${where}"`;
  return new LegendaError(`${path} is not what it should be: ${message}. To mend it, ${mend}.`);
}
