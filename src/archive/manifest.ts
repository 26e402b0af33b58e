import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { describeFileError, readFileBounded } from '../files.js';
import { parseJson } from '../json.js';

const count = z.int().min(0);

/** A run that describes: other parameters would give other words. */
const runSchema = z.object({
  run: z.string(),
  recipe: z.string(),
  step: count,
  /** SHA-256 of the checkpoint in hexadecimal. */
  sha256: z.string(),
});

/** `describe.json`: what an archive is of, and how it is described. It does not change after. */
export const manifestSchema = z.object({
  format: z.literal(1),
  source: z.object({
    /** What images' paths start from. */
    path: z.string(),
    kind: z.enum(['folder', 'list', 'image']),
    /** SHA-256 of a list in hexadecimal. */
    sha256: z.string().optional(),
  }),
  /** How images are cut; null where each is described whole. */
  tiling: z.object({ tile: z.int().min(1), overlap: count }).nullable(),
  /** Whether it is told where on Earth tiles are. */
  footprints: z.boolean(),
  tiles: count,
  /** SHA-256 of the list of tiles in hexadecimal. */
  plan: z.string(),
  /** Tiles a shard; the last may have fewer. */
  shardSize: z.int().min(1),
  shards: count,
  output: z.enum(['jsonl', 'parquet']),
  captioner: runSchema.extend({
    beam: z.int().min(1),
    consensus: z.boolean(),
    maxLength: z.int().min(1),
    checkpoint: z.enum(['last', 'best']).nullable(),
  }),
  classifier: runSchema.nullable(),
  /** Of ONNX Runtime: another number would give other bits. */
  threads: z.int().min(1),
  device: z.enum(['cpu', 'webgpu', 'cuda']),
  versions: z.object({ legenda: z.string(), onnxruntime: z.string() }),
});

export type Manifest = z.infer<typeof manifestSchema>;

export type ShardFormat = Manifest['output'];

export const manifestPath = (dir: string): string => join(dir, 'describe.json');

/**
 * The manifest of a described archive.
 * @throws LegendaError when the folder is missing, is not a described archive, or its manifest is damaged
 */
export async function readManifest(dir: string): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
  const found = await stat(dir).catch((error) => {
    throw describeFileError(error, `cannot open the archive ${dir}`);
  });
  const path = manifestPath(dir);
  const isDescribed = found.isDirectory() && (await stat(path).catch(() => undefined)) !== undefined;
  if (isDescribed) {
    const bytes = await readFileBounded(path, 2 ** 20);
    const manifest = parseJson(new TextDecoder().decode(bytes), manifestSchema, path);
    return { manifest, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const came = found.isDirectory() ? 'it has no describe.json' : 'it is not a folder';
  throw new LegendaError(`${dir} is not a described archive: ${came}`);
}
