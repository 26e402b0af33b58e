import { stat } from 'node:fs/promises';
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
  const gone = await stat(folder).then(
    () => undefined,
    (reason) => describeFileError(reason, `the source folder ${folder} is gone`),
  );
  if (gone !== undefined) return new StorageError(gone.message, { cause: error });
  if (code !== undefined && passing.has(code)) return new StorageError(error.message, { cause: error });
  return new LegendaError(error.message.replaceAll(path, image), { cause: error });
}
