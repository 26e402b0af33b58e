import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError, writeFileAtomic, writeLinesAtomic } from '../files.js';
import { type Archive, shardFile } from './open-archive.js';
import { readShard } from './read-shard.js';
import type { TileRow } from './row.js';

/** What an archive's description comes to. */
export interface Summary {
  readonly tiles: number;
  readonly described: number;
  readonly failed: number;
  readonly shards: number;
}

const summaryFile = 'summary.json';
const failuresFile = 'failures.jsonl';

/**
 * Counts what is described and lists what is not, out of the shards: `summary.json`, and `failures.jsonl` with a line a tile.
 * @throws LegendaError when a shard is missing or damaged, or they cannot be written; the signal's reason
 */
export async function summarise(archive: Archive, signal?: AbortSignal): Promise<Summary> {
  const { dir, manifest } = archive;
  let described = 0;
  let failed = 0;
  async function* failures(): AsyncGenerator<string> {
    for (let shard = 0; shard < manifest.shards; shard++) {
      signal?.throwIfAborted();
      for await (const row of readShard(shardFile(archive, shard))) {
        if (row.error === undefined) described++;
        else {
          failed++;
          yield `${JSON.stringify(failureOf(row))}\n`;
        }
      }
    }
  }
  await writeLinesAtomic(join(dir, failuresFile), failures());
  const summary = { tiles: manifest.tiles, described, failed, shards: manifest.shards };
  await writeFileAtomic(join(dir, summaryFile), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

/** Of an archive that is not whole any more. @throws LegendaError when they cannot be removed */
export async function removeSummary(dir: string): Promise<void> {
  for (const name of [summaryFile, failuresFile])
    await rm(join(dir, name), { force: true }).catch((error) => {
      throw describeFileError(error, `cannot remove ${join(dir, name)}`);
    });
}

const failureOf = ({ image, window, error }: TileRow) => ({ image, ...(window && { window }), error });
