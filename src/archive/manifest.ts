import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';
import { readJson } from '../json.js';

/** How the shards of an archive are written. */
export type ShardFormat = 'jsonl' | 'parquet';

/** `describe.json`: what is described, and how. It may have more. */
export const manifestSchema = z.looseObject({
  format: z.literal(1),
  source: z.looseObject({ path: z.string() }),
  shards: z.int().min(0),
  output: z.enum(['jsonl', 'parquet']),
});

export type Manifest = z.infer<typeof manifestSchema>;

export const manifestPath = (dir: string): string => join(dir, 'describe.json');

/**
 * The manifest of a described archive.
 * @throws LegendaError when the folder is missing, is not a described archive, or its manifest is damaged
 */
export async function readManifest(dir: string): Promise<Manifest> {
  const found = await stat(dir).catch((error) => {
    throw describeFileError(error, `cannot open the archive ${dir}`);
  });
  const path = manifestPath(dir);
  const isDescribed = found.isDirectory() && (await stat(path).catch(() => undefined)) !== undefined;
  if (isDescribed) return readJson(path, manifestSchema);
  const came = found.isDirectory() ? 'it has no describe.json' : 'it is not a folder';
  throw new LegendaError(`${dir} is not a described archive: ${came}`);
}
