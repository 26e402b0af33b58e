import { resolve } from 'node:path';
import { readImageFile } from '../../data/images/decode.js';
import type { ImageSource } from '../../data/images/preprocess.js';
import { LegendaError } from '../../errors.js';
import type { Tile } from '../plan/tile.js';
import { blame } from './blame.js';
import { OpenMosaics } from './open-mosaics.js';
import type { Footprint } from './place.js';

/** A file with more bytes is no tile. */
const maxBytes = 512 * 2 ** 20;

/**
 * Reads tiles of an archive. Its methods throw a LegendaError that names the image as the archive does when a tile cannot be read, and a
 * StorageError when that is not its fault.
 */
export class TileReader implements AsyncDisposable {
  readonly #folder: string;
  readonly #areMosaics: boolean;
  readonly #mosaics: OpenMosaics;

  /** @param folder what images' paths start from */
  constructor(folder: string, areMosaics: boolean) {
    this.#folder = folder;
    this.#areMosaics = areMosaics;
    this.#mosaics = new OpenMosaics(folder);
  }

  /** What can be decoded as a tile. */
  async load({ image, window }: Tile): Promise<ImageSource> {
    if (this.#areMosaics) return this.#mosaics.with(image, (mosaic) => mosaic.readWindow(planned(image, window)));
    const path = resolve(this.#folder, image);
    try {
      return await readImageFile(path, maxBytes);
    } catch (error) {
      throw await blame(error, this.#folder, path, image);
    }
  }

  /** Where a tile is on Earth. */
  place({ image, window }: Tile): Promise<Footprint> {
    return this.#mosaics.place(image, window);
  }

  /** Closes what the tiles since the last call did not need. */
  settle(): Promise<void> {
    return this.#mosaics.settle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#mosaics[Symbol.asyncDispose]();
  }
}

/** A mosaic that could not be opened when the archive was planned has no windows. */
function planned(image: string, window: Tile['window']) {
  if (window !== undefined) return window;
  throw new LegendaError(`${image} could be opened only after the archive was planned`);
}
