import sharp from 'sharp';
import { prepare } from '../../../data/images/decode.js';
import { LegendaError } from '../../../errors.js';
import type { TileRow } from '../../row.js';
import type { TilePictures } from './tile-pictures.js';

/** A tile's picture, or why there is none. */
export type Thumbnail =
  | { readonly uri: string; readonly width: number; readonly height: number }
  | { readonly missing: string };

/** Pixels of the longer side: twice a card's, for dense screens. */
const side = 480;

/** A small picture of a tile as a `data:` URI of a JPEG; one that cannot be read is no error. */
export async function thumbnailOf(tile: TileRow, pictures: TilePictures): Promise<Thumbnail> {
  try {
    const { pipeline, finish } = await prepare(await pictures.read(tile), { name: 'the image' });
    const small = pipeline.resize(side, side, { fit: 'inside', withoutEnlargement: true });
    const { data, info } = await finish(small);
    const { width, height } = info;
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 78 })
      .toBuffer();
    return { uri: `data:image/jpeg;base64,${jpeg.toString('base64')}`, width, height };
  } catch (error) {
    if (!(error instanceof LegendaError)) throw error;
    return { missing: error.message };
  }
}
