import { posix } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { conform } from '../../json.js';
import { splitAtBlanks } from '../../text/tokenise.js';
import { staysBelow } from '../stays-below.js';
import type { CaptionedImage, Split } from './caption-set.js';

const sentence = z
  .object({ raw: z.string().optional(), tokens: z.array(z.string()).optional() })
  .refine(({ raw, tokens }) => raw !== undefined || tokens !== undefined, 'a sentence needs "raw" or "tokens"');

const file = z.object({
  dataset: z.string().optional(),
  images: z.array(
    z.object({
      filename: z.string().min(1),
      filepath: z.string().optional(),
      imgid: z.int().optional(),
      cocoid: z.int().optional(),
      split: z.enum(['train', 'restval', 'val', 'test']),
      sentences: z.array(sentence),
    }),
  ),
});

/** Whether a JSON value has the outline of Karpathy's `dataset.json`. */
export const isKarpathy = (value: unknown): boolean =>
  z.object({ images: z.array(z.looseObject({ sentences: z.unknown() })).min(1) }).safeParse(value).success;

/**
 * Images and captions of a `dataset.json` in Karpathy's form (Karpathy and Fei-Fei, 2015): `restval` counts as training.
 * @param value the parsed JSON
 * @param what names the file in errors
 * @throws LegendaError naming the key or the image that is wrong
 */
export function readKarpathy(value: unknown, what: string): { name: string | undefined; images: CaptionedImage[] } {
  const { dataset, images } = conform(value, file, what);
  const seen = new Set<string>();
  return {
    name: dataset,
    images: images.map(({ filename, filepath, imgid, cocoid, split, sentences }) => {
      const path = imagePath(filepath ? `${filepath}/${filename}` : filename, what);
      if (seen.has(path)) throw new LegendaError(`${what}: the image "${path}" is there twice`);
      seen.add(path);
      return {
        file: path,
        id: cocoid ?? imgid,
        split: splitOf(split),
        captions: sentences.map(({ raw, tokens }) => ({
          raw: raw ?? tokens!.join(' '),
          tokens: tokens?.map((token) => token.toLowerCase()) ?? splitAtBlanks(raw!),
        })),
      };
    }),
  };
}

const splitOf = (split: Split | 'restval'): Split => (split === 'restval' ? 'train' : split);

/**
 * An image's path in its shortest form: `./1.png` and `a//1.png` are two names of files that have better ones. A file that came from
 * outside must not name others than its own images.
 * @param what names the file in errors
 * @throws LegendaError when the path leads elsewhere
 */
export function imagePath(path: string, what: string): string {
  if (!staysBelow(path)) throw new LegendaError(`${what}: "${path}" is not a path below the folder of images`);
  return posix.normalize(path);
}
