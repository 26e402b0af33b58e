import { readShard } from '../read-shard.js';
import type { TileRow } from '../row.js';
import type { Shard } from '../shards.js';
import { placeId } from './place.js';
import { shardDigest } from './shard-digest.js';
import type { IndexDatabase, Prepared } from './sqlite.js';
import { oneLine, wellFormed } from './text.js';

/** Rows between two looks at whether to stop. */
const rowsAtOnce = 500;

/**
 * Adds a shard to the index, whole or not at all.
 * @throws LegendaError naming the shard that is damaged; the signal's reason when that is aborted
 */
export async function addShard(database: IndexDatabase, shard: Shard, signal?: AbortSignal): Promise<void> {
  const digest = await shardDigest(shard);
  database.exec('BEGIN');
  try {
    {
      using rows = new RowWriter(database);
      let line = 0;
      for await (const row of readShard(shard.path)) {
        if (++line % rowsAtOnce === 0) signal?.throwIfAborted();
        rows.add(placeId({ shard: shard.number, line }), row);
      }
    }
    const values = [shard.number, shard.bytes, shard.modified, digest];
    database.all('INSERT INTO shards(number, bytes, modified, digest) VALUES(?, ?, ?, ?)', values);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

class RowWriter implements Disposable {
  readonly #database: IndexDatabase;
  readonly #image: Prepared;
  readonly #tile: Prepared;
  readonly #caption: Prepared;
  readonly #classes = new Map<string, number>();
  #lastImage = { path: '', id: 0 };

  constructor(database: IndexDatabase) {
    this.#database = database;
    this.#image = database.prepare('INSERT INTO images(id, path) VALUES(?, ?)');
    this.#tile = database.prepare('INSERT INTO tiles VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#caption = database.prepare('INSERT INTO captions(rowid, caption) VALUES(?, ?)');
  }

  /** What has no caption is not found. */
  add(id: number, { caption, image, window, bounds, logProbability, class: name }: TileRow): void {
    if (caption === undefined) return;
    const text = oneLine(caption);
    const [x = null, y = null, width = null, height = null] = window ?? [];
    const [west = null, south = null, east = null, north = null] = bounds ?? [];
    const place = [x, y, width, height, west, south, east, north];
    const classId = name === undefined ? null : this.#classId(name);
    this.#tile.run(id, text, this.#imageId(image, id), classId, logProbability ?? null, ...place);
    this.#caption.run(id, text);
  }

  /** An image has the id of its first tile in a row. */
  #imageId(path: string, id: number): number {
    if (path !== this.#lastImage.path) {
      this.#image.run(id, wellFormed(path));
      this.#lastImage = { path, id };
    }
    return this.#lastImage.id;
  }

  #classId(name: string): number {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const text = oneLine(name);
    this.#database.all('INSERT OR IGNORE INTO classes(name) VALUES(?)', [text]);
    const { id } = this.#database.get('SELECT id FROM classes WHERE name = ?', [text]) as { id: number };
    this.#classes.set(name, id);
    return id;
  }

  [Symbol.dispose](): void {
    for (const statement of [this.#image, this.#tile, this.#caption]) statement[Symbol.dispose]();
  }
}
