import { resolve } from 'node:path';
import { LegendaError } from '../../errors.js';
import { readManifest } from '../manifest.js';
import { listShards } from '../shards.js';
import { classesOf, hasClass, hasPlaces } from './filter.js';
import { type FindOptions, type Found, find } from './find.js';
import { type OpenIndexOptions, openIndex } from './open-index.js';
import { indexPath } from './publish.js';
import { parseQuery, type Query } from './query.js';
import { DatabaseError } from './sqlite.js';

export type SearchOptions = FindOptions & Omit<OpenIndexOptions, 'anew'>;

export interface SearchResult extends Found {
  readonly query: Query;
  /** The folder that images' paths are relative to. */
  readonly source: string;
  /** The archive's classes, when none of them is the one that was asked for. */
  readonly classes?: readonly string[];
  /** Where nothing was found within bounds: whether any tile of the archive has bounds, and whether any is touched by these. */
  readonly places?: { readonly any: boolean; readonly there: boolean };
}

/**
 * Tiles of a described archive by the words of their captions. What has been described since the last search is indexed first.
 *
 * @param dir the archive
 * @param text words, and phrases in double quotes
 * @throws UsageError when there are no words; LegendaError when the folder is no described archive or nothing has been described
 * in it yet, or naming a file that is damaged
 */
export async function searchArchive(dir: string, text: string, options: SearchOptions): Promise<SearchResult> {
  const query = parseQuery(text);
  const { source, output } = (await readManifest(dir)).manifest;
  const shards = await listShards(dir, output);
  if (shards.length === 0) throw new LegendaError(`nothing has been described yet in ${dir}: it has no shards`);
  const search = async (anew: boolean): Promise<SearchResult> => {
    await using index = await openIndex(dir, shards, { ...options, anew });
    const found = find(index.database, query, options);
    const { bounds } = options;
    const places = found.total === 0 && bounds !== undefined && hasPlaces(index.database, bounds);
    const result = { ...found, query, source: resolve(dir, source.path), ...(places && { places }) };
    if (options.className === undefined || hasClass(index.database, options.className)) return result;
    return { ...result, classes: classesOf(index.database) };
  };
  try {
    return await search(false);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (!error.damaged) throw new LegendaError(`cannot index ${dir}: ${error.reason}`, { cause: error });
    options.onNote?.(`${indexPath(dir)} is damaged (${error.reason}): it is built anew`);
  }
  return search(true);
}
