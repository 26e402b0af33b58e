import { open } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { LegendaError } from '../../errors.js';
import { describeFileError, makeFolder } from '../../files.js';
import { staysBelow } from '../stays-below.js';

/** What an archive may unpack to. */
export interface ArchiveLimits {
  /** Files and folders. */
  readonly entries: number;
  /** All files together, unpacked. */
  readonly bytes: number;
  /** One file, unpacked. */
  readonly fileBytes: number;
  /** Bytes unpacked for each byte of the archive: images hardly shrink, bombs do. */
  readonly ratio: number;
  /** Bytes unpacked up to which the ratio does not matter. */
  readonly ratioFrom: number;
}

export const archiveLimits: ArchiveLimits = {
  entries: 200_000,
  bytes: 16 * 2 ** 30,
  fileBytes: 512 * 2 ** 20,
  ratio: 200,
  ratioFrom: 64 * 2 ** 20,
};

export interface ArchivedEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'device';
  /** Unpacked, as the archive says. */
  readonly bytes: number;
}

/** Stands between an archive, which came from outside, and the disk. */
export class Guard {
  readonly #archive: string;
  readonly #archiveBytes: number;
  readonly #into: string;
  readonly #limits: ArchiveLimits;
  readonly #names = new Set<string>();
  #entries = 0;
  #bytes = 0;

  /**
   * @param archive its path, for errors
   * @param into the folder that nothing may be written outside of
   */
  constructor(archive: string, archiveBytes: number, into: string, limits: ArchiveLimits) {
    this.#archive = archive;
    this.#archiveBytes = archiveBytes;
    this.#into = into;
    this.#limits = limits;
  }

  /**
   * Lets an entry through; nothing is written.
   * @throws LegendaError naming the archive and the entry: a link or device, a path that leads outside, the second of its name,
   *   or more than the limits
   */
  check({ name, kind, bytes }: ArchivedEntry): void {
    const { entries, bytes: most, fileBytes } = this.#limits;
    const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
    if (++this.#entries > entries) this.refuse(`it has more than ${entries} files and folders`);
    if (kind === 'link') this.refuse(`${shown} is a link, only files and folders are accepted`);
    if (kind === 'device') this.refuse(`${shown} is a device or pipe, only files and folders are accepted`);
    if (!staysBelow(name)) this.refuse(`${shown} is not a path below the folder that it is unpacked into`);
    if (kind === 'folder') return;
    const path = this.#pathOf(name);
    if (this.#names.has(path)) this.refuse(`${shown} is there twice`);
    this.#names.add(path);
    if (bytes > fileBytes)
      this.refuse(`${shown} has ${bytes} bytes unpacked, more than the ${fileBytes} that are accepted`);
    this.#bytes += bytes;
    if (this.#bytes > most) this.refuse(`it unpacks to more than the ${most} bytes that are accepted`);
    this.checkRatio(this.#bytes);
  }

  /** @param unpacked bytes that have been unpacked or announced */
  checkRatio(unpacked: number): void {
    const { ratio, ratioFrom } = this.#limits;
    if (unpacked > ratioFrom && unpacked > ratio * this.#archiveBytes) {
      this.refuse(`it unpacks to more than ${ratio} times its size`);
    }
  }

  refuse(why: string): never {
    throw new LegendaError(`${this.#archive} is not unpacked: ${why}`);
  }

  #pathOf(name: string): string {
    return join(this.#into, posix.normalize(name));
  }

  /** Writes a file that has been let through; folders are made as needed. @throws LegendaError when that cannot be done */
  async write(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const path = this.#pathOf(name);
    try {
      await makeFolder(dirname(path));
      const file = await open(path, 'wx');
      try {
        signal?.throwIfAborted();
        for await (const chunk of content) {
          await file.writeFile(chunk);
          signal?.throwIfAborted();
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      if (signal?.aborted || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw describeFileError(error, `cannot write ${path}`);
    }
  }
}
