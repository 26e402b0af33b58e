import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type Tiling, windowAt, windowCount } from '../../data/geotiff/windows.js';
import { writeFileAtomic } from '../../files.js';
import { readJson } from '../../json.js';
import type { Planned, Tile, TilePlan } from './tile.js';

const mosaicSchema = z.object({
  image: z.string(),
  /** Pixels; null where the file could not be opened: it counts as a tile, which fails. */
  size: z.object({ width: z.int().min(1), height: z.int().min(1) }).nullable(),
});

/** A mosaic as it was when the archive was planned. */
export type PlannedMosaic = z.infer<typeof mosaicSchema>;

/** Bytes of the list that are read: of some millions of mosaics. */
const mostBytes = 2 ** 29;

const pathIn = (dir: string) => join(dir, 'mosaics.json');

/** @throws LegendaError when it cannot be written */
export async function writeMosaicPlan(
  dir: string,
  mosaics: readonly PlannedMosaic[],
  tiling: Tiling,
): Promise<Planned> {
  const text = `${JSON.stringify(mosaics)}\n`;
  await writeFileAtomic(pathIn(dir), text);
  return { count: planOf(mosaics, tiling).count, sha256: createHash('sha256').update(text).digest('hex') };
}

/** @throws LegendaError when the list is missing or damaged */
export async function openMosaicPlan(dir: string, tiling: Tiling): Promise<TilePlan> {
  return planOf(await readJson(pathIn(dir), z.array(mosaicSchema), mostBytes), tiling);
}

/** Windows follow from sizes: none is listed. */
function planOf(mosaics: readonly PlannedMosaic[], tiling: Tiling): TilePlan {
  const firsts: number[] = [];
  let count = 0;
  for (const { size } of mosaics) {
    firsts.push(count);
    count += size === null ? 1 : windowCount(size, tiling);
  }
  return {
    count,
    async tiles(from, to) {
      let mosaic = firsts.findLastIndex((first) => first <= from);
      return Array.from({ length: to - from }, (_, i): Tile => {
        while (from + i >= (firsts[mosaic + 1] ?? count)) mosaic++;
        const { image, size } = mosaics[mosaic]!;
        return size === null ? { image } : { image, window: windowAt(size, tiling, from + i - firsts[mosaic]!) };
      });
    },
  };
}
