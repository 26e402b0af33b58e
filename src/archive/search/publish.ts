import { constants } from 'node:fs';
import { copyFile, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the index of an archive is. */
export const indexPath = (dir: string): string => join(dir, 'search.sqlite');

/** The database in a work folder. */
export const workPath = (folder: string): string => join(folder, 'index.sqlite');

/** What has been published so far goes on growing in the work folder. */
export const startFromPublished = (dir: string, folder: string): Promise<void> =>
  copyFile(indexPath(dir), workPath(folder), constants.COPYFILE_FICLONE);

/**
 * Lets the database of a work folder, between two transactions, take the place of the archive's index. Nobody writes to that
 * afterwards: whoever reads it, or is killed, has a whole one, and of two searches that build it the last one's stays.
 *
 * @param folder the work folder, in the archive
 * @param growing whether the database will be written again; then a copy of it is published
 * @throws an error of the system
 */
export async function publish(dir: string, folder: string, { growing }: { growing: boolean }): Promise<void> {
  const database = workPath(folder);
  const published = growing ? join(folder, 'copy.sqlite') : database;
  if (growing) await copyFile(database, published, constants.COPYFILE_FICLONE);
  const file = await open(published, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(published, indexPath(dir));
}
