import pLimit from 'p-limit';
import { writeFileAtomic } from '../../../files.js';
import { renderSearchPage, type SearchPage } from './page.js';
import { thumbnailOf } from './thumbnail.js';
import { TilePictures } from './tile-pictures.js';

/** Images that are decoded at once. */
const atOnce = 4;

/** Writes the page of a search into a file. @throws LegendaError when that cannot be written */
export async function writeSearchPage(path: string, page: Omit<SearchPage, 'thumbnails'>): Promise<void> {
  const limit = pLimit(atOnce);
  await using pictures = new TilePictures(page.result.source);
  const thumbnails = await Promise.all(page.result.tiles.map((tile) => limit(() => thumbnailOf(tile, pictures))));
  await writeFileAtomic(path, renderSearchPage({ ...page, thumbnails }));
}
