import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byName, isImageName } from '../../data/images/list-images.js';
import { describeFileError } from '../../files.js';

/**
 * Images in a folder and those below it, told by their names' endings: a folder's own first, in natural order, as paths with slashes
 * from the folder. Links are followed to files, not to folders: those could go in circles. A folder's names are in memory at a time,
 * not the whole tree's.
 * @throws LegendaError naming the folder that cannot be read
 */
export async function* imagesBelow(folder: string, from = ''): AsyncGenerator<string> {
  const entries = await readdir(join(folder, from), { withFileTypes: true }).catch((error) => {
    throw describeFileError(error, `cannot read the folder ${join(folder, from)}`);
  });
  entries.sort((a, b) => byName(a.name, b.name));
  for (const entry of entries) {
    if (!isImageName(entry.name)) continue;
    const path = from + entry.name;
    const isLinked = entry.isSymbolicLink() && (await stat(join(folder, path)).catch(() => undefined))?.isFile();
    if (entry.isFile() || isLinked) yield path;
  }
  for (const entry of entries)
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* imagesBelow(folder, `${from}${entry.name}/`);
}
