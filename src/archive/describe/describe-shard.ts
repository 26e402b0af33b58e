import { writeFileAtomic } from '../../files.js';
import { type Archive, footprintFile, isDescribed, shardFile, tilesOf } from '../open-archive.js';
import { encodeShard } from '../write-shard.js';
import type { DescribedTile, Describer } from './describer.js';
import { geoJsonOf } from './geojson.js';

export interface ShardListeners {
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with how much of the shard is described, from 0 to 1. */
  readonly onShare?: (share: number) => void;
}

/**
 * Describes a shard and writes it under its final name, whole: whoever does it, and how often, the file has the same bytes. One that is
 * there is not done again.
 * @throws LegendaError when it cannot be written; StorageError when tiles cannot be read and that is not their fault
 */
export async function describeShard(
  archive: Archive,
  describer: Describer,
  shard: number,
  { signal, onShare }: ShardListeners = {},
): Promise<void> {
  if (await isDescribed(archive, shard)) return;
  const tiles = await archive.plan.tiles(...tilesOf(archive, shard));
  const described: DescribedTile[] = [];
  for await (const some of describer.describe(tiles, signal)) {
    described.push(...some);
    onShare?.(described.length / tiles.length);
  }
  const rows = described.map(({ row }) => row);
  // before the shard itself, which says that all is there
  if (archive.manifest.footprints) await writeFileAtomic(footprintFile(archive, shard), geoJsonOf(described));
  await writeFileAtomic(shardFile(archive, shard), encodeShard(rows, archive.manifest.output));
}
