import { isAbsolute, join } from 'node:path';
import type { ImageSource } from '../../../data/images/preprocess.js';
import { staysBelow } from '../../../data/stays-below.js';
import { LegendaError } from '../../../errors.js';
import { OpenMosaics } from '../../describe/open-mosaics.js';
import type { TileRow } from '../../row.js';

/** Gives the pictures of tiles: a file's path, or the pixels of a mosaic's window. */
export class TilePictures implements AsyncDisposable {
  readonly #source: string;
  readonly #mosaics: OpenMosaics;

  /** @param source the folder that relative paths start from */
  constructor(source: string) {
    this.#source = source;
    this.#mosaics = new OpenMosaics(source);
  }

  /** @throws LegendaError saying why there is none */
  async read({ image, window }: Pick<TileRow, 'image' | 'window'>): Promise<ImageSource> {
    if (!isAbsolute(image) && !staysBelow(image)) throw new LegendaError('the path leads out of the source folder');
    if (window === undefined) return isAbsolute(image) ? image : join(this.#source, image);
    const [x, y, width, height] = window;
    return this.#mosaics.with(image, (mosaic) => mosaic.readWindow({ x, y, width, height }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#mosaics[Symbol.asyncDispose]();
  }
}
