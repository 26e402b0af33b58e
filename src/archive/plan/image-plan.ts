import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { describeFileError, writeFileAtomic, writeLinesAtomic } from '../../files.js';
import { parseJson, readJson } from '../../json.js';
import type { Planned, TilePlan } from './tile.js';

const listName = 'images.jsonl';
const indexName = 'images.index.json';

/** Where each shard's images begin in the list, in bytes, and where the list ends. */
const indexSchema = z.object({ count: z.int().min(0), shardSize: z.int().min(1), offsets: z.array(z.int().min(0)) });

/** Bytes of an index that are read: of 50 million shards. */
const mostIndexBytes = 2 ** 29;

/**
 * Lists an archive's images once and for all, a line each: of 100 million not one needs to be in memory. The list is there whole or not
 * at all.
 * @returns how many there are, and the list's SHA-256 in hexadecimal
 * @throws LegendaError when the list cannot be written
 */
export async function writeImagePlan(dir: string, images: AsyncIterable<string>, shardSize: number): Promise<Planned> {
  const offsets: number[] = [];
  const digest = createHash('sha256');
  let count = 0;
  let length = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const image of images) {
      if (count++ % shardSize === 0) offsets.push(length);
      const line = `${JSON.stringify(image)}\n`;
      digest.update(line);
      length += Buffer.byteLength(line);
      yield line;
    }
  }
  await writeLinesAtomic(join(dir, listName), lines());
  await writeFileAtomic(join(dir, indexName), JSON.stringify({ count, shardSize, offsets: [...offsets, length] }));
  return { count, sha256: digest.digest('hex') };
}

/** @throws LegendaError when the list is missing or damaged */
export async function openImagePlan(dir: string): Promise<TilePlan> {
  const { count, shardSize, offsets } = await readJson(join(dir, indexName), indexSchema, mostIndexBytes);
  const path = join(dir, listName);
  return {
    count,
    async tiles(from, to) {
      const start = offsets[from / shardSize];
      const end = offsets[Math.ceil(to / shardSize)];
      if (start === undefined || end === undefined)
        throw new LegendaError(`${path} has no tiles from ${from} to ${to}`);
      const lines = (await readPart(path, start, end)).split('\n').slice(0, -1);
      if (lines.length !== to - from)
        throw new LegendaError(
          `${path} is damaged: ${to - from} lines from byte ${start} on were expected, ${lines.length} came`,
        );
      return lines.map((line) => ({ image: parseJson(line, z.string(), `${path}, after byte ${start}`) }));
    },
  };
}

async function readPart(path: string, start: number, end: number): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const buffer = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  } finally {
    await file?.close();
  }
}
