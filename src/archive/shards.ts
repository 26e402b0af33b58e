import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError } from '../files.js';
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
export const shardName = (number: number, format: ShardFormat): string =>
  `${String(number).padStart(6, '0')}.${format}`;

/**
 * The shards that an archive has so far, in order; none where nothing has been described.
 * @throws LegendaError when the folder cannot be read
 */
export async function listShards(dir: string, format: ShardFormat): Promise<Shard[]> {
  const folder = shardsFolder(dir);
  try {
    const numbers = (await readdir(folder))
      .map((name) => ({ name, number: Number.parseInt(name, 10) }))
      .filter(({ name, number }) => number < mostShards && name === shardName(number, format))
      .map(({ number }) => number)
      .sort((a, b) => a - b);
    const shards: Shard[] = [];
    for (const number of numbers) {
      const path = join(folder, shardName(number, format));
      const { size, mtimeMs } = await stat(path);
      shards.push({ number, path, bytes: size, modified: mtimeMs });
    }
    return shards;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !(await exists(folder))) return [];
    throw describeFileError(error, `cannot read ${folder}`);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
