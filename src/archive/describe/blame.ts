import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DamagedImage } from '../../data/images/damaged-image.js';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';

/** The storage, not a tile, is what is wrong: it must be tried again, and nothing may be said of the tile. */
export class StorageError extends LegendaError {
  override name = 'StorageError';
}

/** Codes of errors that pass, or that are of all files alike. */
const passing = new Set([
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EBUSY',
  'ENODEV',
  'ENXIO',
  'ENOTCONN',
]);

/**
 * Tells whose fault it is that an image cannot be read.
 * @param folder the source's, which must be there
 * @param path the image's, which stands in the error
 * @param image as the archive names it
 * @returns a LegendaError that names the image as the archive does; a StorageError when it is not the image's fault; an error of
 * another kind as it is
 */
export async function blame(error: unknown, folder: string, path: string, image: string): Promise<unknown> {
  if (!(error instanceof LegendaError)) return error;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const gone = await whatIsGone(folder, path, code);
  if (gone !== undefined) return new StorageError(gone, { cause: error });
  if (code !== undefined && passing.has(code)) return new StorageError(error.message, { cause: error });
  const named = error.message.replaceAll(path, image);
  if (error instanceof DamagedImage) return new DamagedImage(error.what.replaceAll(path, image), error.cause as Error);
  return new LegendaError(named, { cause: error });
}

/** A storage that is not mounted leaves an empty folder, or none. */
async function whatIsGone(folder: string, path: string, code: string | undefined): Promise<string | undefined> {
  try {
    await stat(folder);
    if (code !== 'ENOENT') return undefined;
    const parent = await readdir(dirname(path)).catch(() => undefined);
    const names = parent ?? (await readdir(folder));
    return names.length > 0
      ? undefined
      : `the folder ${parent ? dirname(path) : folder} is empty: is its storage there?`;
  } catch (error) {
    return describeFileError(error, `the source folder ${folder} is gone`).message;
  }
}
