import { isAbsolute, join } from 'node:path';
import type { ImageSource } from '../../../data/images/preprocess.js';
import { staysBelow } from '../../../data/stays-below.js';
import { LegendaError } from '../../../errors.js';
import type { TileRow } from '../../row.js';

/** Gives the picture of a tile: a file's path, its bytes, or pixels. @throws LegendaError saying why there is none */
export type ReadTile = (tile: Pick<TileRow, 'image' | 'window'>) => Promise<ImageSource>;

/** Tiles that are images of their own. @param source the folder that relative paths start from */
export const plainTiles =
  (source: string): ReadTile =>
  async ({ image, window }) => {
    if (window) throw new LegendaError('a window of a mosaic, which is not drawn');
    if (isAbsolute(image)) return image;
    if (staysBelow(image)) return join(source, image);
    throw new LegendaError('the path leads out of the source folder');
  };
