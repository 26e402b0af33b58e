import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manyTiles, shardPath, tilesOf, writeArchive, writeShard } from '../../../test/support/archive.js';
import { type SearchOptions, searchArchive } from './search.js';

let root: string;
let dir: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'legenda-index-'));
  dir = join(root, 'archive');
  file = join(dir, 'search.sqlite');
});
afterEach(() => rmSync(root, { recursive: true }));

/** Images that are found, and what was said meanwhile. */
async function search(text: string, options: Partial<SearchOptions> = {}) {
  const notes: string[] = [];
  const read: number[] = [];
  const { tiles } = await searchArchive(dir, text, {
    limit: 100,
    onNote: (text) => notes.push(text),
    onProgress: (done, total) => read.push(done, total),
    ...options,
  });
  return { images: tiles.map(({ image }) => Number.parseInt(image, 10)), notes, shards: read.at(-1) ?? 0 };
}

const usual = ['describe.json', 'search.sqlite', 'shards'];

/** Something else of the same size and time. */
function overwrite(path: string, from = 0, to = statSync(path).size): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, readFileSync(path).fill('x', from, to));
  utimesSync(path, atime, mtime);
}

describe('an index', () => {
  it.each(['jsonl', 'parquet'] as const)(
    'of %s grows by the shards that are new and reads no other',
    async (format) => {
      writeArchive(dir, [tilesOf(['a river', 'a road'])], { format });
      expect(await search('river')).toEqual({ images: [0], notes: [], shards: 1 });
      const path = shardPath(dir, 0, format);
      // Times to the millisecond, which is what can be set.
      utimesSync(path, 1e9, 1e9);
      expect(await search('river')).toEqual({ images: [0], notes: [], shards: 0 });
      writeShard(dir, 2, tilesOf(['by the river'], 20), format);
      expect(await search('river')).toEqual({ images: [0, 20], notes: [], shards: 1 });
      writeShard(dir, 1, tilesOf(['a river'], 10), format);
      expect(await search('river')).toEqual({ images: [0, 10, 20], notes: [], shards: 1 });
      expect(readdirSync(dir).sort()).toEqual(usual);
    },
  );

  it('is not read again when shards have other times, as those of copies have', async () => {
    writeArchive(dir, [tilesOf(['a river'])]);
    await search('river');
    const copy = join(root, 'copy');
    cpSync(dir, copy, { recursive: true });
    utimesSync(shardPath(copy, 0), 1e9, 1e9);
    dir = copy;
    expect(await search('river')).toEqual({ images: [0], notes: [], shards: 0 });
  });

  it('believes the time and size of a shard', async () => {
    writeArchive(dir, [tilesOf(['a river'])]);
    utimesSync(shardPath(dir, 0), 1e9, 1e9);
    await search('river');
    overwrite(shardPath(dir, 0));
    expect(await search('river')).toEqual({ images: [0], notes: [], shards: 0 });
  });

  it.each([
    ['has another content', () => writeShard(dir, 0, tilesOf(['a rover', 'a river']))],
    ['has another size', () => writeShard(dir, 0, tilesOf(['a road', 'a river', 'a field']))],
    ['is gone', () => rmSync(shardPath(dir, 1))],
  ])('is built anew where a shard %s', async (_, change) => {
    writeArchive(dir, [tilesOf(['a river', 'a rover']), tilesOf(['a river'], 10)]);
    expect((await search('river')).images).toEqual([0, 10]);
    change();
    utimesSync(shardPath(dir, 0), 1e9, 1e9);
    const { images, notes } = await search('river');
    expect(notes).toEqual([`${file} is of other shards: it is built anew`]);
    expect(images).toEqual(existsSync(shardPath(dir, 1)) ? [1, 10] : [0]);
  });

  it('has in the end what one has that was made at once', async () => {
    const shards = [0, 1, 2, 3].map((number) => manyTiles(number, 300));
    writeArchive(dir, shards.slice(0, 1));
    for (const number of [3, 1, 2]) {
      await search('river');
      writeShard(dir, number, shards[number]!);
    }
    const options = { limit: 1000 };
    const grown = await searchArchive(dir, 'white river near trees', options);
    rmSync(file);
    expect(await searchArchive(dir, 'white river near trees', options)).toStrictEqual(grown);
    expect(grown.total).toBeGreaterThan(500);
  });

  it('names a shard that is damaged, keeps what came before, and goes on once it is whole', async () => {
    writeArchive(dir, [tilesOf(['a river']), tilesOf(['a road', 'a river'], 10), tilesOf(['a river'], 20)]);
    const path = shardPath(dir, 1);
    const good = readFileSync(path);
    writeFileSync(path, good.subarray(0, good.length - 5));
    await expect(search('river')).rejects.toThrow(`${path}, line 2 is not JSON`);
    expect(readdirSync(dir).sort()).toEqual(usual);
    writeFileSync(path, good);
    expect(await search('river')).toEqual({ images: [0, 11, 20], notes: [], shards: 2 });
  });

  it('is kept every now and then while it is made, also when that is interrupted', async () => {
    writeArchive(
      dir,
      [0, 1, 2, 3].map((number) => tilesOf(['a river'], number)),
    );
    const controller = new AbortController();
    const kept: boolean[] = [];
    const stopped = search('river', {
      publishEvery: 0,
      signal: controller.signal,
      onProgress(done) {
        kept.push(existsSync(file));
        if (done === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(kept).toEqual([false, true, true]);
    expect(readdirSync(dir).sort()).toEqual(usual);
    expect(await search('river')).toEqual({ images: [0, 1, 2, 3], notes: [], shards: 1 });
  });

  it('is not stopped by locks and work folders of searches that were killed, and removes old ones', async () => {
    writeArchive(dir, [tilesOf(['a river'])]);
    await search('river');
    writeShard(dir, 1, tilesOf(['a river'], 1));
    mkdirSync(`${file}.lock`);
    const [old, young] = ['.search.0123abcd.tmp', '.search.4567abcd.tmp'].map((name) => join(dir, name));
    for (const folder of [old!, young!]) {
      mkdirSync(join(folder, 'index.sqlite.lock'), { recursive: true });
      writeFileSync(join(folder, 'index.sqlite'), 'half');
    }
    for (const path of ['', 'index.sqlite', 'index.sqlite.lock']) utimesSync(join(old!, path), 1e9, 1e9);
    expect(await search('river')).toEqual({ images: [0, 1], notes: [], shards: 1 });
    expect(existsSync(old!)).toBe(false);
    expect(existsSync(young!)).toBe(true);
  });
});

describe('an index is built anew with a note where', () => {
  const made = async () => {
    writeArchive(
      dir,
      [0, 1].map((number) => manyTiles(number, 2000)),
    );
    return search('white river trees');
  };
  const another = (sql: string) => {
    rmSync(file, { force: true });
    const database = new sqlite.Database(file);
    database.exec(sql);
    database.close();
  };
  const change = (sql: string) => {
    const database = new sqlite.Database(file);
    database.exec(sql);
    database.close();
  };

  it.each([
    ['it is text', () => writeFileSync(file, 'SQLite format 3, a text about it')],
    ['it is empty', () => writeFileSync(file, '')],
    ['its end is missing', () => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096)],
    ['its header is damaged', () => overwrite(file, 0, 60)],
    ['its schema is damaged', () => overwrite(file, 100, 4096)],
    ['its first half is damaged', () => overwrite(file, 4096, statSync(file).size / 2)],
    ['its second half is damaged', () => overwrite(file, statSync(file).size / 2)],
    ['it is of another program', () => another('CREATE TABLE mine(x)')],
    ['it is of another version', () => change('PRAGMA user_version = 99')],
    ['something was added to it', () => change('CREATE TRIGGER t AFTER INSERT ON tiles BEGIN DELETE FROM shards; END')],
  ])('%s', async (_, damage) => {
    const { images } = await made();
    damage();
    const again = await search('white river trees');
    expect(again.images).toEqual(images);
    expect(again.notes).toEqual([expect.stringMatching(/search\.sqlite.*built anew$/)]);
    expect(await search('white river trees')).toEqual({ images, notes: [], shards: 0 });
    expect(readdirSync(dir).sort()).toEqual(usual);
  });

  it('it is damaged where only growing finds out', async () => {
    await made();
    writeShard(dir, 2, manyTiles(2, 10));
    overwrite(file, statSync(file).size / 2);
    const { notes, shards } = await search('4005');
    expect(notes).toEqual([expect.stringMatching(/built anew$/)]);
    expect(shards).toBe(3);
  });

  it('but not where it is a folder, which is left alone', async () => {
    writeArchive(dir, [tilesOf(['a river'])]);
    mkdirSync(file);
    await expect(search('river')).rejects.toThrow(`${file} is not a file`);
  });
});
