import { copyFile, stat, symlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import type { Shard } from '../shards.js';
import { addShard } from './fill.js';
import { missingShards } from './missing-shards.js';
import { indexPath, publish, startFromPublished, workPath } from './publish.js';
import { createTables, isIndex } from './schema.js';
import { DatabaseError, IndexDatabase } from './sqlite.js';
import { makeTemporaryFolder, makeWorkFolder, type WorkFolder } from './work-folder.js';

/** An index that has every shard. Dispose it. */
export interface OpenIndex extends AsyncDisposable {
  readonly database: IndexDatabase;
}

export interface OpenIndexOptions {
  /** Is told of what was done differently than usual: an index that is built anew, or not kept. */
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of indexing between two times that what there is takes its place in the archive; 10 s by default. */
  readonly publishEvery?: number | undefined;
  /** Whether the archive's index is not even looked at. */
  readonly anew?: boolean | undefined;
}

/**
 * The index of an archive, brought up to date: shards that it lacks are read, those it has are not. It is built anew where it
 * is damaged, another program's, or of other shards, and kept elsewhere for this time where the archive may not be written to.
 *
 * @throws LegendaError naming a shard that is damaged (what was indexed before it is kept), or the file that cannot be made;
 * DatabaseError when the index turns out to be damaged; the signal's reason when that is aborted
 */
export async function openIndex(
  dir: string,
  shards: readonly Shard[],
  options: OpenIndexOptions = {},
): Promise<OpenIndex> {
  const { anew = false, onNote } = options;
  const published = anew ? undefined : await openPublished(dir, onNote);
  if (published === undefined) return extend(dir, shards, false, options);
  let missing: readonly Shard[] | undefined;
  try {
    missing = await missingShards(published.database, shards);
    if (missing?.length === 0) return published;
  } catch (error) {
    await published[Symbol.asyncDispose]();
    throw error;
  }
  await published[Symbol.asyncDispose]();
  if (missing === undefined) onNote?.(`${indexPath(dir)} is of other shards: it is built anew`);
  return extend(dir, shards, missing !== undefined, options);
}

/** The index in the archive for reading; undefined where there is none that could be used. */
async function openPublished(dir: string, onNote: OpenIndexOptions['onNote']): Promise<OpenIndex | undefined> {
  const path = indexPath(dir);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new LegendaError(`${path} is not a file: an index, or nothing, was expected`);
  const folder = await makeTemporaryFolder();
  let database: IndexDatabase | undefined;
  try {
    // Under a name of its own, because it is locked beside its name.
    const own = workPath(folder.path);
    await symlink(resolve(path), own).catch(() => copyFile(path, own));
    database = IndexDatabase.open(own, { readOnly: true });
    if (isIndex(database) && isWhole(database, found.size)) return openIn(folder, database);
    const now = await stat(path);
    if (now.ino !== found.ino || now.size !== found.size) {
      // Another search has put its own there in the meantime.
      await close(folder, database);
      return openPublished(dir, onNote);
    }
    onNote?.(`${path} is damaged or of another program or version: it is built anew`);
  } catch (error) {
    await close(folder, database);
    if (!(error instanceof DatabaseError)) throw describeFileError(error, `cannot read ${path}`);
    onNote?.(`${path} is damaged (${error.reason}): it is built anew`);
    return undefined;
  }
  await close(folder, database);
  return undefined;
}

function isWhole(database: IndexDatabase, bytes: number): boolean {
  const { size } = database.get(
    'SELECT page_count * page_size AS size FROM pragma_page_count(), pragma_page_size()',
  ) as { size: number };
  return size === bytes;
}

async function extend(dir: string, shards: readonly Shard[], reusable: boolean, options: OpenIndexOptions) {
  const { onNote } = options;
  const folder = await makeWorkFolder(dir);
  if (folder.elsewhere !== undefined) onNote?.(`${folder.elsewhere}: the index is made for this search alone`);
  let database: IndexDatabase | undefined;
  try {
    if (reusable) await startFromPublished(dir, folder.path);
    database = await openForWriting(folder, reusable);
    let missing = await missingShards(database, shards);
    if (missing === undefined) {
      // Another search has put a different one there in the meantime.
      database[Symbol.dispose]();
      database = await openForWriting(folder, false);
      missing = [...shards];
    }
    await addShards(dir, { folder, database, missing }, options);
    return openIn(folder, database);
  } catch (error) {
    await close(folder, database);
    throw error instanceof Error && 'code' in error ? describeFileError(error, `cannot index ${dir}`) : error;
  }
}

async function openForWriting({ path }: WorkFolder, reused: boolean): Promise<IndexDatabase> {
  // SQLite would make a file that only this user may read.
  if (!reused) await writeFile(workPath(path), '');
  const database = IndexDatabase.open(workPath(path));
  // Nothing is lost when this file is: it is no one's but this search's until it is published.
  database.exec(
    'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA trusted_schema = OFF',
  );
  if (!reused) createTables(database);
  return database;
}

interface Growing {
  readonly folder: WorkFolder;
  readonly database: IndexDatabase;
  readonly missing: readonly Shard[];
}

async function addShards(dir: string, { folder, database, missing }: Growing, options: OpenIndexOptions) {
  const { onNote, onProgress, signal, publishEvery = 10_000 } = options;
  const keep = async (growing: boolean) => {
    if (folder.elsewhere !== undefined) return;
    try {
      await publish(dir, folder.path, { growing });
    } catch (error) {
      onNote?.(describeFileError(error, `the index is not kept: cannot write ${indexPath(dir)}`).message);
    }
  };
  let published = performance.now();
  let unpublished = 0;
  for (const [done, shard] of missing.entries()) {
    try {
      signal?.throwIfAborted();
      await addShard(database, shard, signal);
    } catch (error) {
      if (unpublished > 0 && !(error instanceof DatabaseError)) await keep(false);
      throw error;
    }
    unpublished++;
    onProgress?.(done + 1, missing.length);
    if (done + 1 < missing.length && performance.now() - published >= publishEvery) {
      await keep(true);
      published = performance.now();
      unpublished = 0;
    }
  }
  await keep(false);
}

const openIn = (folder: WorkFolder, database: IndexDatabase): OpenIndex => ({
  database,
  [Symbol.asyncDispose]: () => close(folder, database),
});

async function close(folder: WorkFolder, database: IndexDatabase | undefined): Promise<void> {
  database?.[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
}
