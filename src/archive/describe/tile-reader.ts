import { resolve } from 'node:path';
import type { Polygon } from 'geojson';
import { readImageFile } from '../../data/images/decode.js';
import type { ImageSource } from '../../data/images/preprocess.js';
import type { Tile } from '../plan/tile.js';
import { blame } from './blame.js';

/** A file with more bytes is no tile. */
const maxBytes = 512 * 2 ** 20;

/** Where a tile is on Earth, in degrees of WGS 84. */
export interface Place {
  readonly footprint: Polygon;
}

/** Reads tiles of an archive. */
export interface TileReader extends AsyncDisposable {
  /**
   * What can be decoded as a tile.
   * @throws LegendaError, naming the image as the archive does, when the tile cannot be read; StorageError when that is not its fault
   */
  load(tile: Tile): Promise<ImageSource>;
}

/** Reads tiles that are files. @param folder what their paths start from */
export const imageReader = (folder: string): TileReader => ({
  async load({ image }) {
    const path = resolve(folder, image);
    try {
      return await readImageFile(path, maxBytes);
    } catch (error) {
      throw await blame(error, folder, path, image);
    }
  },
  async [Symbol.asyncDispose]() {},
});
