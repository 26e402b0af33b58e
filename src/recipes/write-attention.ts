import { readdir, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Preprocessing } from '../data/images/preprocess.js';
import { seenPicture, toDataUri, toPng, underAttention } from '../explain/attention/map.js';
import { attentionSheet, sheetFile } from '../explain/attention/sheet.js';
import { describeFileError, makeFolder, writeFileAtomic } from '../files.js';

const isPicture = (name: string): boolean => /^\d{2}-.*\.png$/u.test(name) || name === 'sheet.svg';

/** Writes, image by image, where a decoder looked. */
export class AttentionFiles {
  readonly #dir: string;
  readonly #preprocessing: Preprocessing;
  readonly #taken = new Set<string>();

  /** @param dir a folder, made when it is not there */
  constructor(dir: string, preprocessing: Preprocessing) {
    this.#dir = dir;
    this.#preprocessing = preprocessing;
  }

  /**
   * A folder with a picture a word, `01-a.png` and so on, and `sheet.svg` with all of them, in place of those that were there.
   * @param path of the image's file, whose name the folder gets
   * @returns the folder
   * @throws LegendaError when the image cannot be read or a file not be written
   */
  async write(
    path: string,
    words: readonly { readonly word: string; readonly attention: Float32Array }[],
  ): Promise<string> {
    const picture = await seenPicture(path, this.#preprocessing);
    const folder = join(this.#dir, this.#nameOf(path));
    try {
      await makeFolder(folder);
      // pictures of another caption would lie between this one's
      for (const name of await readdir(folder)) if (isPicture(name)) await rm(join(folder, name));
    } catch (error) {
      throw describeFileError(error, `cannot make the folder ${folder}`);
    }
    for (const [i, { word, attention }] of words.entries()) {
      const name = `${String(i + 1).padStart(2, '0')}-${word.replaceAll(/[^\p{L}\p{N}'-]+/gu, '_').slice(0, 40)}.png`;
      await writeFileAtomic(join(folder, name), await toPng(await underAttention(picture, attention)));
    }
    const title = words.map(({ word }) => word).join(' ');
    const sheet = attentionSheet({ id: 'picture', title, picture: await toDataUri(picture), words });
    await writeFileAtomic(join(folder, 'sheet.svg'), sheetFile(sheet));
    return folder;
  }

  /** Images of several folders may have the same name. */
  #nameOf(path: string): string {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let i = 2; this.#taken.has(name); i++) name = `${stem}-${i}`;
    this.#taken.add(name);
    return name;
  }
}
