import pLimit from 'p-limit';
import { writeFileAtomic } from '../../../files.js';
import { renderSearchPage, type SearchPage } from './page.js';
import { plainTiles, type ReadTile } from './read-tile.js';
import { thumbnailOf } from './thumbnail.js';

export interface WritePageOptions {
  /** Where pictures come from; by default images are files and windows of mosaics are not drawn. */
  readonly readTile?: ReadTile;
}

/** Images that are decoded at once. */
const atOnce = 4;

/** Writes the page of a search into a file. @throws LegendaError when that cannot be written */
export async function writeSearchPage(
  path: string,
  page: Omit<SearchPage, 'thumbnails'>,
  { readTile = plainTiles(page.result.source) }: WritePageOptions = {},
): Promise<void> {
  const limit = pLimit(atOnce);
  const thumbnails = await Promise.all(page.result.tiles.map((tile) => limit(() => thumbnailOf(tile, readTile))));
  await writeFileAtomic(path, renderSearchPage({ ...page, thumbnails }));
}
