import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import { imageEndings } from './format.js';

const natural = new Intl.Collator('en', { numeric: true });

/** Orders names as people do: `2.tif` before `10.tif`; the same everywhere. */
export const byName = (a: string, b: string): number => natural.compare(a, b) || (a < b ? -1 : Number(a > b));

/** Whether a file's name is one of an image; names with a dot in front are other programs' notes (`._1.tif`). */
export const isImageName = (name: string): boolean =>
  !name.startsWith('.') && imageEndings.includes(extname(name).toLowerCase());

/**
 * Paths of the images that lie in a folder itself, told by their names' endings, in natural order.
 * @throws LegendaError when the folder is missing or not a folder, or has no image
 */
export async function listImages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw describeFileError(error, `cannot read the folder ${folder}`);
  });
  const files: string[] = [];
  for (const entry of entries) {
    if (!isImageName(entry.name)) continue;
    const linked = entry.isSymbolicLink() && (await stat(join(folder, entry.name)).catch(() => undefined))?.isFile();
    if (entry.isFile() || linked) files.push(entry.name);
  }
  if (files.length > 0) return files.sort(byName).map((name) => join(folder, name));
  const came = entries.length === 0 ? 'it is empty' : `${entries.length} other files or folders came`;
  throw new LegendaError(`${folder} has no images: files ending in ${imageEndings.join(', ')} were expected, ${came}`);
}
