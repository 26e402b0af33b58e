/** Caption sets of a few small images, on disk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export interface SmallImage {
  readonly file: string;
  readonly split?: string;
  readonly captions?: readonly string[];
  /** Its only colour; one that its name decides when left out. */
  readonly colour?: readonly [number, number, number];
}

/** An image of one colour, in PNG. */
export function smallImage([r, g, b]: readonly [number, number, number]): Promise<Buffer> {
  return sharp({ create: { width: 6, height: 4, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** The text of a `dataset.json`. */
export const karpathyOf = (images: readonly SmallImage[]): string =>
  JSON.stringify({
    dataset: 'small',
    images: images.map(({ file, split = 'train', captions = [`This is ${file}`] }, imgid) => ({
      filename: file,
      imgid,
      split,
      sentences: captions.map((raw) => ({ raw, tokens: raw.toLowerCase().split(' ').filter(Boolean) })),
    })),
  });

/** Four images: two for training, one each for validation and test. */
export const fourImages: readonly SmallImage[] = [
  { file: '1.png' },
  { file: '2.png', captions: ['Two roads', 'A road and another'] },
  { file: '3.png', split: 'val' },
  { file: '10.png', split: 'test' },
];

/** Each file of a set by its path in the set's folder. */
export async function filesOf(images: readonly SmallImage[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>([['dataset.json', Buffer.from(karpathyOf(images))]]);
  for (const [i, { file, colour = [20 * i, 40, 90] }] of images.entries()) {
    files.set(`images/${file}`, await smallImage(colour as [number, number, number]));
  }
  return files;
}

/** Writes a set into a folder, which is made. */
export async function writeCaptionSet(folder: string, images: readonly SmallImage[] = fourImages): Promise<void> {
  for (const [path, content] of await filesOf(images)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
