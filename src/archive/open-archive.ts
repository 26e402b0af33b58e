import { realpath, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { describeFileError } from '../files.js';
import { type Manifest, readManifest } from './manifest.js';
import { openImagePlan } from './plan/image-plan.js';
import { openMosaicPlan } from './plan/mosaic-plan.js';
import type { TilePlan } from './plan/tile.js';
import { shardName, shardsFolder } from './shards.js';

/** A folder whose tiles are planned, and described in part or whole. */
export interface Archive {
  readonly dir: string;
  readonly manifest: Manifest;
  /** SHA-256 of `describe.json` in hexadecimal: another is another archive. */
  readonly sha256: string;
  readonly plan: TilePlan;
}

export const planFolder = (dir: string): string => join(dir, 'plan');

/** @throws LegendaError when the folder is no archive, or what it says of itself is damaged */
export async function openArchive(dir: string): Promise<Archive> {
  const { manifest, sha256 } = await readManifest(dir);
  const { tiling } = manifest;
  const plan = tiling === null ? await openImagePlan(planFolder(dir)) : await openMosaicPlan(planFolder(dir), tiling);
  // paths that it keeps start from where it is, not from a link to it
  return { dir: await realpath(dir), manifest, sha256, plan };
}

/**
 * A path as an archive keeps it: from its own folder, so that all of a storage can be mounted elsewhere.
 * @throws LegendaError when there is nothing at either path
 */
export async function pathFromArchive(dir: string, path: string): Promise<string> {
  const [from, to] = await Promise.all(
    [dir, path].map((each) =>
      realpath(each).catch((error) => {
        throw describeFileError(error, `cannot open ${each}`);
      }),
    ),
  );
  return (relative(from!, to!) || '.').replaceAll('\\', '/');
}

/** Where a path that an archive keeps is now. */
export const pathOfArchive = (dir: string, path: string): string => resolve(dir, path);

/** What is said of a shard's tiles: there once it is done. */
export const shardFile = (archive: Archive, shard: number): string =>
  join(shardsFolder(archive.dir), shardName(shard, archive.manifest.output));

/** Where a shard's tiles are on Earth. */
export const footprintFile = (archive: Archive, shard: number): string =>
  join(shardsFolder(archive.dir), shardName(shard, 'geojson'));

/** Whether a shard is described: its file is written once, at the end, whole. */
export const isDescribed = (archive: Archive, shard: number): Promise<boolean> =>
  stat(shardFile(archive, shard)).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw describeFileError(error, `cannot read ${shardFile(archive, shard)}`);
    },
  );

/** Tiles of a shard, from one number to another. */
export function tilesOf(
  { manifest: { shardSize, tiles } }: Archive,
  shard: number,
): readonly [from: number, to: number] {
  return [shard * shardSize, Math.min(tiles, (shard + 1) * shardSize)];
}
