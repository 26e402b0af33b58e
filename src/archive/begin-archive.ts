import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { holdFile } from '../data/hold-folder.js';
import { UsageError } from '../errors.js';
import { describeFileError, isTemporary, makeFolder, removeTemporaries, writeFileAtomic } from '../files.js';
import { type Manifest, manifestPath, readManifest } from './manifest.js';
import { type Archive, openArchive, pathFromArchive, planFolder } from './open-archive.js';
import { writeImagePlan } from './plan/image-plan.js';
import { writeMosaicPlan } from './plan/mosaic-plan.js';
import { planMosaics } from './plan/plan-mosaics.js';
import type { Planned } from './plan/tile.js';
import { shardsFolder } from './shards.js';
import type { Source } from './source/open-source.js';

/** What an archive is to be, before its tiles are known. Paths are as the program is given them. */
export type Wanted = Omit<Manifest, 'format' | 'source' | 'tiles' | 'plan' | 'shards'>;

/**
 * Makes a folder an archive, or goes on with the one that it is. Its tiles are listed once: images that come to a folder later are not
 * in it.
 * @throws UsageError when the folder has another archive or anything else in it, or there is nothing to describe
 * @throws LegendaError when it cannot be written, or what is in it is damaged
 */
export async function beginArchive(
  dir: string,
  source: Source,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<Archive> {
  await makeFolder(dir);
  const names = await readdir(dir).catch((error) => {
    throw describeFileError(error, `cannot open the folder ${dir}`);
  });
  const about = await aboutOf(dir, source, wanted);
  if (names.includes(basename(manifestPath(dir)))) return goOn(dir, about);
  const other = names.find((name) => !isTemporary(name) && name !== holdFile && name !== 'plan');
  if (other !== undefined)
    throw new UsageError(`${dir} is not empty (it has "${other}"): choose a new or empty folder for the archive`);
  if (names.includes('plan')) await removeTemporaries(planFolder(dir));
  const { count: tiles, sha256 } = await plan(dir, source, wanted, signal);
  if (tiles === 0) throw new UsageError(`${source.path} has no images: there is nothing to describe`);
  await makeFolder(join(dir, 'shards'));
  const manifest: Manifest = { ...about, tiles, plan: sha256, shards: Math.ceil(tiles / wanted.shardSize) };
  await writeFileAtomic(manifestPath(dir), `${JSON.stringify(manifest, null, 2)}\n`);
  return openArchive(dir);
}

/** Milliseconds in which a shard's file is written in any case. */
const writtenWithin = 600_000;

type About = Omit<Manifest, 'tiles' | 'plan' | 'shards'>;

/** With paths as the archive keeps them. */
async function aboutOf(dir: string, { kind, path, sha256 }: Source, wanted: Wanted): Promise<About> {
  const run = (of: string) => pathFromArchive(dir, of);
  const { captioner, classifier } = wanted;
  return {
    format: 1,
    source: { path: await run(path), kind, ...(sha256 !== undefined && { sha256 }) },
    ...wanted,
    captioner: { ...captioner, run: await run(captioner.run) },
    classifier: classifier && { ...classifier, run: await run(classifier.run) },
  };
}

async function goOn(dir: string, about: About): Promise<Archive> {
  const { tiles: _, plan: __, shards: ___, ...before } = (await readManifest(dir)).manifest;
  const other = differenceOf(before, about);
  if (other !== undefined) throw new UsageError(`${dir} holds another archive (${other}): choose another folder`);
  await cleanUp(dir);
  return openArchive(dir);
}

/** The first key whose value is another, in words. */
function differenceOf(before: object, now: object, at = ''): string | undefined {
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [had, has] = [before, now].map((each) => (each as Readonly<Record<string, unknown>>)[key]);
    const name = at + key;
    if (JSON.stringify(had) === JSON.stringify(has)) continue;
    if (isObject(had) && isObject(has)) return differenceOf(had, has, `${name}.`);
    return `its ${name} is ${inWords(had)}, now ${inWords(has)} came`;
  }
  return undefined;
}

/** `"jsonl"`, `none`, `tile 256, overlap 32` */
const inWords = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (!isObject(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, each]) => `${key} ${inWords(each)}`)
    .join(', ');
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

async function plan(
  dir: string,
  source: Source,
  { tiling, footprints, shardSize }: Wanted,
  signal?: AbortSignal,
): Promise<Planned> {
  const images = untilAborted(source.images(), signal);
  if (tiling === null) return writeImagePlan(planFolder(dir), images, shardSize);
  const mosaics = await planMosaics(source, images, footprints);
  return writeMosaicPlan(planFolder(dir), mosaics, tiling);
}

/** Deletes what killed commands left; what is in `shards/` may be a worker's that writes it now. */
async function cleanUp(dir: string): Promise<void> {
  await removeTemporaries(dir);
  await removeTemporaries(planFolder(dir));
  await removeTemporaries(shardsFolder(dir), writtenWithin);
}

async function* untilAborted(images: AsyncIterable<string>, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for await (const image of images) {
    signal?.throwIfAborted();
    yield image;
  }
}
