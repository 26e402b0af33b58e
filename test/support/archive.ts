/** Described archives as `legenda describe` leaves them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestPath, type ShardFormat } from '../../src/archive/manifest.js';
import type { TileRow } from '../../src/archive/row.js';
import { shardName, shardsFolder } from '../../src/archive/shards.js';
import { encodeShard } from '../../src/archive/write-shard.js';

export interface ArchiveOptions {
  readonly format?: ShardFormat;
  /** Where the images are. */
  readonly source?: string;
}

/** Makes an archive with a shard for each list of rows. */
export function writeArchive(
  dir: string,
  shards: readonly (readonly TileRow[])[],
  { format = 'jsonl', source = '/nowhere' }: ArchiveOptions = {},
): void {
  mkdirSync(shardsFolder(dir), { recursive: true });
  const run = { run: '../run', recipe: 'captioner', step: 1, sha256: '' };
  const shardSize = Math.max(1, ...shards.map((rows) => rows.length));
  const manifest: Manifest = {
    ...{ format: 1, source: { path: source, kind: 'folder' }, tiling: null, footprints: false, output: format },
    ...{ plan: '', tiles: shards.flat().length, shardSize, shards: shards.length },
    captioner: { ...run, beam: 1, consensus: false, maxLength: 30, checkpoint: null },
    ...{ classifier: null, threads: 1, device: 'cpu', versions: { legenda: '0.1.0', onnxruntime: '1.30.0' } },
  };
  writeFileSync(manifestPath(dir), JSON.stringify(manifest));
  for (const [number, rows] of shards.entries()) writeShard(dir, number, rows, format);
}

export const shardPath = (dir: string, number: number, format: ShardFormat = 'jsonl'): string =>
  join(shardsFolder(dir), shardName(number, format));

export function writeShard(dir: string, number: number, rows: readonly TileRow[], format?: ShardFormat): void {
  const path = shardPath(dir, number, format);
  writeFileSync(path, encodeShard(rows, format ?? 'jsonl'));
}

/** A tile for each caption, whose images are named by their numbers. */
export const tilesOf = (captions: readonly string[], first = 0): TileRow[] =>
  captions.map((caption, i) => ({ image: `${first + i}.png`, caption }));

const adjectives = ['white', 'grey', 'large', 'green', 'sparse', 'curved'];
const nouns = ['buildings', 'river', 'road', 'trees', 'houses', 'bridge', 'field'];

/** A shard of captions that differ, all of which have a number of their own as a word. */
export const manyTiles = (shard: number, rows: number): TileRow[] =>
  tilesOf(
    Array.from({ length: rows }, (_, i) => {
      const number = shard * rows + i;
      const pick = (words: readonly string[], step: number) => words[Math.floor(number / step) % words.length];
      return `${pick(adjectives, 1)} ${pick(nouns, 6)} near a ${pick(adjectives, 42)} ${pick(nouns, 5)} ${number}`;
    }),
    shard * rows,
  );
