import type { Shard } from '../shards.js';
import { shardDigest } from './shard-digest.js';
import type { IndexDatabase } from './sqlite.js';

interface Indexed {
  readonly number: number;
  readonly bytes: number;
  readonly modified: number;
  readonly digest: Uint8Array;
}

/**
 * The shards that an index lacks, in order; undefined when it has one that is gone or is another now: then all of it is void.
 * @throws LegendaError when a shard cannot be read
 */
export async function missingShards(
  database: IndexDatabase,
  shards: readonly Shard[],
): Promise<readonly Shard[] | undefined> {
  const rows = database.all('SELECT number, bytes, modified, digest FROM shards') as unknown as readonly Indexed[];
  const indexed = new Map(rows.map((row) => [row.number, row]));
  const missing: Shard[] = [];
  for (const shard of shards) {
    const known = indexed.get(shard.number);
    if (known === undefined) missing.push(shard);
    else if (!(await isSame(shard, known))) return undefined;
    indexed.delete(shard.number);
  }
  return indexed.size === 0 ? missing : undefined;
}

async function isSame(shard: Shard, { bytes, modified, digest }: Indexed): Promise<boolean> {
  if (shard.bytes !== bytes) return false;
  return shard.modified === modified || Buffer.from(digest).equals(await shardDigest(shard));
}
