import { z } from 'zod';

/** What a described archive says of one tile: an image, or a window of a mosaic. Fields that do not apply are absent. */
export interface TileRow {
  /** Path relative to the source folder with `/` between its parts, or absolute. */
  readonly image: string;
  /** Which pixels of a mosaic. */
  readonly window?: Window;
  readonly caption?: string;
  /** Natural logarithm of the whole caption's probability. */
  readonly logProbability?: number;
  readonly class?: string;
  /** From 0 to 1. */
  readonly classProbability?: number;
  readonly bounds?: Bounds;
  /** Why there is no caption. */
  readonly error?: string;
}

/** In pixels from the top left corner of the mosaic. */
export type Window = readonly [x: number, y: number, width: number, height: number];

/** In degrees of WGS 84; what crosses the 180th meridian has its west east of its east. */
export type Bounds = readonly [west: number, south: number, east: number, north: number];

/** The largest number of Parquet's 32-bit columns. */
const mostPixels = 2 ** 31 - 1;
const offset = z.int().min(0).max(mostPixels);
const length = z.int().min(1).max(mostPixels);
const degrees = z.number();
const text = z.string().max(2 ** 16);

/** The form of a row that was read from a file. */
export const tileRowSchema = z.object({
  image: z
    .string()
    .min(1)
    .max(2 ** 12)
    .refine((path) => !path.includes('\0'), 'a path has no NUL'),
  window: z.tuple([offset, offset, length, length]).exactOptional(),
  caption: text.exactOptional(),
  logProbability: z.number().exactOptional(),
  class: text.exactOptional(),
  classProbability: z.number().min(0).max(1).exactOptional(),
  bounds: z.tuple([degrees, degrees, degrees, degrees]).exactOptional(),
  error: text.exactOptional(),
}) satisfies z.ZodType<TileRow>;
