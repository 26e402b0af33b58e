import type { Bounds, TileRow } from '../row.js';
import { type Filter, filterOf } from './filter.js';
import { type Place, placeOf } from './place.js';
import { expressionsOf, type Query } from './query.js';
import type { IndexDatabase, Value } from './sqlite.js';

export interface FindOptions {
  /** The most tiles that are given. */
  readonly limit: number;
  /** Only tiles of this class. */
  readonly className?: string | undefined;
  /** Only tiles that this touches. */
  readonly bounds?: Bounds | undefined;
}

/** A tile whose caption was asked for. */
export interface FoundTile extends Omit<TileRow, 'error' | 'classProbability'>, Place {
  readonly caption: string;
  /** Whether all of the words are in the caption, rather than some. */
  readonly complete: boolean;
  /** BM25 of the caption for the query's words; larger is better. */
  readonly score: number;
  /** The caption in pieces, which are words of the query or not. */
  readonly pieces: readonly Piece[];
}

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

export interface Found {
  /** Those with all the words first, then by score, then in the order of images. */
  readonly tiles: readonly FoundTile[];
  /** How many there are with all the words. */
  readonly complete: number;
  /** How many there are with some of them, those with all included. */
  readonly total: number;
}

/** @throws DatabaseError when the index is damaged */
export function find(database: IndexDatabase, query: Query, { limit, className, bounds }: FindOptions): Found {
  const { all, some } = expressionsOf(query);
  const filter = filterOf(database, className, bounds);
  const complete = count(database, all, filter);
  const total = all === some ? complete : count(database, some, filter);
  const best = ranked(database, all, filter, limit);
  const rest =
    best.length < limit && total > complete
      ? ranked(database, some, withoutMatches(filter, all), limit - best.length)
      : [];
  const tile = (complete: boolean) => (hit: Ranked) => describe(database, hit, some, complete);
  return { tiles: [...best.map(tile(true)), ...rest.map(tile(false))], complete, total };
}

interface Ranked {
  readonly id: number;
  readonly rank: number;
}

const from = ({ join, where }: Filter) => `FROM captions ${join} WHERE captions MATCH ? ${where}`;

const withoutMatches = ({ join, where, values }: Filter, expression: string): Filter => ({
  join,
  where: `${where} AND captions.rowid NOT IN (SELECT rowid FROM captions WHERE captions MATCH ?)`,
  values: [...values, expression],
});

function count(database: IndexDatabase, expression: string, filter: Filter): number {
  return Number(database.get(`SELECT count(*) AS n ${from(filter)}`, [expression, ...filter.values])?.['n']);
}

function ranked(database: IndexDatabase, expression: string, filter: Filter, limit: number): Ranked[] {
  const sql = `SELECT captions.rowid AS id, rank ${from(filter)} ORDER BY rank, captions.rowid LIMIT ?`;
  return database.all(sql, [expression, ...filter.values, limit]) as unknown as Ranked[];
}

/** Begin and end of a marked word; captions in the index have no control characters. */
const [begin, end] = ['\x01', '\x02'];

const describing = `SELECT highlight(captions, 0, '${begin}', '${end}') AS marked, tiles.*, images.path, classes.name
  FROM captions JOIN tiles ON tiles.id = captions.rowid JOIN images ON images.id = tiles.image
  LEFT JOIN classes ON classes.id = tiles.class WHERE captions MATCH ? AND captions.rowid = ?`;

function describe(database: IndexDatabase, { id, rank }: Ranked, expression: string, complete: boolean): FoundTile {
  const row = database.get(describing, [expression, id])!;
  const { marked, caption, path, name, probability } = row as Record<string, string> & { probability: number | null };
  const window = four(row, ['x', 'y', 'width', 'height']);
  const bounds = four(row, ['west', 'south', 'east', 'north']);
  return {
    image: path!,
    ...(window && { window }),
    caption: caption!,
    ...(probability !== null && { logProbability: probability }),
    ...(name !== null && { class: name! }),
    ...(bounds && { bounds }),
    ...placeOf(id),
    complete,
    score: -rank,
    pieces: piecesOf(marked!),
  };
}

function four(row: Readonly<Record<string, Value>>, names: readonly [string, string, string, string]) {
  const values = names.map((name) => row[name]);
  return values[0] === null ? undefined : (values as unknown as readonly [number, number, number, number]);
}

function piecesOf(text: string): Piece[] {
  return text
    .split(begin)
    .flatMap((part, i) => {
      const [marked = '', plain] = i === 0 ? ['', part] : part.split(end);
      return [
        { text: marked, marked: true },
        { text: plain ?? '', marked: false },
      ];
    })
    .filter(({ text }) => text !== '');
}
