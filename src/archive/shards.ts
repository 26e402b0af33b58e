import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError, exists } from '../files.js';
import type { ShardFormat } from './manifest.js';

/** A file of rows. Shards never change, and their numbers are the order of what they describe. */
export interface Shard {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Numbers of shards are below this. */
const mostShards = 2 ** 28;

export const shardsFolder = (dir: string): string => join(dir, 'shards');

/** `000007.jsonl` */
export const shardName = (number: number, format: ShardFormat | 'geojson'): string =>
  `${String(number).padStart(6, '0')}.${format}`;

/**
 * The numbers of the shards that an archive has so far, rising; none where nothing has been described.
 * @throws LegendaError when the folder cannot be read
 */
export async function shardNumbers(dir: string, format: ShardFormat): Promise<number[]> {
  const folder = shardsFolder(dir);
  const names = await readdir(folder).catch(async (error) => {
    if (error.code === 'ENOENT' && !(await exists(folder))) return [];
    throw describeFileError(error, `cannot read ${folder}`);
  });
  return names
    .map((name) => ({ name, number: Number.parseInt(name, 10) }))
    .filter(({ name, number }) => number < mostShards && name === shardName(number, format))
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}

/** The shards of `shardNumbers` as files. @throws LegendaError when one cannot be read */
export async function listShards(dir: string, format: ShardFormat): Promise<Shard[]> {
  const shards: Shard[] = [];
  for (const number of await shardNumbers(dir, format)) {
    const path = join(shardsFolder(dir), shardName(number, format));
    const { size, mtimeMs } = await stat(path).catch((error) => {
      throw describeFileError(error, `cannot read ${path}`);
    });
    shards.push({ number, path, bytes: size, modified: mtimeMs });
  }
  return shards;
}
