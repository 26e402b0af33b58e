import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { describeFileError } from '../../files.js';
import type { Shard } from '../shards.js';

/** Bytes that are looked at from either end. */
const reach = 2 ** 16;

/**
 * Tells a shard from another of the same size, when its time of change does not: SHA-256 of its first and last 64 KiB. A copied
 * archive has other times.
 * @throws LegendaError when it cannot be read
 */
export async function shardDigest({ path, bytes }: Shard): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const hash = createHash('sha256');
    const length = Math.min(reach, bytes);
    for (const start of [0, bytes - length]) {
      const part = new Uint8Array(length);
      const { bytesRead } = await file.read(part, 0, length, start);
      hash.update(part.subarray(0, bytesRead));
    }
    return new Uint8Array(hash.digest().subarray(0, 16));
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  } finally {
    await file?.close();
  }
}
