import { rm } from 'node:fs/promises';
import { describeFileError } from '../files.js';
import { type Archive, shardFile } from './open-archive.js';
import { readShard } from './read-shard.js';
import { shardNumbers } from './shards.js';
import { removeSummary } from './summary.js';

/**
 * Takes shards out of an archive that have tiles which failed: they are described again, their other tiles to the same words.
 * @returns how many shards
 * @throws LegendaError when one is damaged or cannot be taken out; the signal's reason
 */
export async function forgetFailed(archive: Archive, signal?: AbortSignal): Promise<number> {
  const { dir, manifest } = archive;
  const failed: string[] = [];
  for (const shard of await shardNumbers(dir, manifest.output)) {
    signal?.throwIfAborted();
    const path = shardFile(archive, shard);
    if (await hasFailed(path)) failed.push(path);
  }
  if (failed.length > 0) await removeSummary(dir);
  for (const path of failed)
    await rm(path, { force: true }).catch((error) => {
      throw describeFileError(error, `cannot remove ${path}`);
    });
  return failed.length;
}

async function hasFailed(path: string): Promise<boolean> {
  for await (const { error } of readShard(path)) if (error !== undefined) return true;
  return false;
}
