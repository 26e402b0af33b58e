import { IndexDatabase } from './sqlite.js';

/** "LGDs": which database it is, in the header of its file. */
const applicationId = 0x4c474473;

/** Of the tables and of how they are filled; another version is not read but built anew. */
const version = 1;

/**
 * A tile's id is where its row stands (see `place.ts`), so that ids are in the order of images. The words are in the table of
 * the full-text index, which takes captions from `tiles` when it marks them. Rows of one image that follow each other share
 * its path.
 */
const tables = [
  `CREATE TABLE shards(number INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, modified REAL NOT NULL, digest BLOB NOT NULL)`,
  `CREATE TABLE images(id INTEGER PRIMARY KEY, path TEXT NOT NULL)`,
  `CREATE TABLE classes(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)`,
  `CREATE TABLE tiles(id INTEGER PRIMARY KEY, caption TEXT NOT NULL, image INTEGER NOT NULL, class INTEGER, probability REAL,
    x INTEGER, y INTEGER, width INTEGER, height INTEGER, west REAL, south REAL, east REAL, north REAL)`,
  `CREATE VIRTUAL TABLE captions USING fts5(caption, content='tiles', content_rowid='id',
    tokenize='porter unicode61 remove_diacritics 2')`,
];

/** Makes the tables of an empty database. */
export function createTables(database: IndexDatabase): void {
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; ${tables.join(';')}`);
}

/**
 * Whether a database is such an index, of this version: it has these tables and nothing else, such as triggers that would do
 * something when it is written.
 */
export function isIndex(database: IndexDatabase): boolean {
  const number = (pragma: string) => database.get(`PRAGMA ${pragma}`)?.[pragma];
  if (number('application_id') !== applicationId || number('user_version') !== version) return false;
  using empty = IndexDatabase.open(':memory:');
  createTables(empty);
  return described(database) === described(empty);
}

const described = (database: IndexDatabase): string =>
  JSON.stringify(database.all('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name'));
