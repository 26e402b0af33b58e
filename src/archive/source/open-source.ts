import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { imageEndings } from '../../data/images/format.js';
import { UsageError } from '../../errors.js';
import { describeFileError, sha256OfFile } from '../../files.js';
import { imagesBelow } from './images-below.js';
import { listEndings, listedImages } from './listed-images.js';

/** Where images come from. */
export interface Source {
  readonly kind: 'folder' | 'list' | 'image';
  /** What images' paths start from. */
  readonly path: string;
  /** SHA-256 of a list in hexadecimal. */
  readonly sha256?: string;
  /** Paths of images from `path`, with slashes; always in the same order. */
  images(): AsyncIterable<string>;
}

/**
 * Images of a folder and those below it; those that a list names (text, CSV, Parquet), whose paths start from the list's own folder;
 * or one image.
 * @throws UsageError when it is none of these; LegendaError when it cannot be read
 */
export async function openSource(given: string): Promise<Source> {
  const found = await stat(given).catch((error) => {
    throw describeFileError(error, `cannot read ${given}`);
  });
  const path = await realpath(given);
  if (found.isDirectory()) return { kind: 'folder', path, images: () => imagesBelow(path) };
  const ending = extname(path).toLowerCase();
  const folder = dirname(path);
  if ((listEndings as readonly string[]).includes(ending))
    return { kind: 'list', path: folder, sha256: await sha256OfFile(path), images: () => listedImages(path) };
  if (imageEndings.includes(ending))
    return {
      kind: 'image',
      path: folder,
      images: async function* () {
        yield basename(path);
      },
    };
  throw new UsageError(
    `${given}: a folder, a list (${listEndings.join(', ')}) or an image (${imageEndings.join(', ')}) was expected`,
  );
}
