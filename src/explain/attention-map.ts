import sharp from 'sharp';
import { prepare } from '../data/images/decode.js';
import type { ImageSource, Preprocessing } from '../data/images/preprocess.js';
import { LegendaError } from '../errors.js';

/** A square picture, RGB, [side, side, 3]. */
export interface SquarePicture {
  readonly side: number;
  readonly pixels: Uint8Array;
}

/** A word of a caption and where the decoder looked when it wrote it: by region, row by row, of sum 1. */
export interface WordAttention {
  readonly word: string;
  readonly attention: Float32Array;
}

/** Pixels of a picture that people look at. */
const defaultSide = 320;

/** What is left of the light where nothing was looked at. */
const dark = 0.2;

/**
 * What an encoder saw of an image, large enough to look at.
 * @throws LegendaError as `Preprocessor`'s
 */
export async function seenPicture(
  source: ImageSource,
  { fit }: Pick<Preprocessing, 'fit'>,
  side = defaultSide,
): Promise<SquarePicture> {
  const { pipeline, finish } = await prepare(source);
  const { data } = await finish(pipeline.resize(side, side, { fit: fit === 'crop' ? 'cover' : 'fill' }));
  return { side, pixels: data };
}

/**
 * A picture as bright as it was looked at: the region with the most attention keeps its light.
 * @param attention by region of a square grid, row by row
 * @returns RGB, [side, side, 3]
 * @throws LegendaError when the regions make no square
 */
export async function underAttention({ side, pixels }: SquarePicture, attention: Float32Array): Promise<SquarePicture> {
  const grid = gridOf(attention.length);
  const most = attention.reduce((a, b) => Math.max(a, b), 0);
  const levels = Uint8Array.from(attention, (weight) => (most > 0 ? Math.round((255 * weight) / most) : 255));
  const { data, info } = await sharp(levels, { raw: { width: grid, height: grid, channels: 1 } })
    .resize(side, side, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const lit = Uint8Array.from(pixels, (value, i) => {
    const level = data[Math.floor(i / 3) * info.channels]! / 255;
    return Math.round(value * (dark + (1 - dark) * level));
  });
  return { side, pixels: lit };
}

function gridOf(regions: number): number {
  const grid = Math.sqrt(regions);
  if (!Number.isInteger(grid))
    throw new LegendaError(`attention over ${regions} regions cannot be drawn: a square grid of regions is expected`);
  return grid;
}

export const toPng = ({ side, pixels }: SquarePicture): Promise<Uint8Array> =>
  sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();

const toJpeg = ({ side, pixels }: SquarePicture, size: number): Promise<Uint8Array> =>
  sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .resize(size, size)
    .jpeg({ quality: 85 })
    .toBuffer();

const tile = 128;
const gap = 8;
const lineHeight = 20;

/**
 * The picture and, word by word, where the decoder looked: one SVG with everything in it.
 * @param columns pictures in a row
 */
export async function attentionSheet(
  picture: SquarePicture,
  words: readonly WordAttention[],
  columns = 6,
): Promise<string> {
  const lit = await Promise.all(words.map(({ attention }) => underAttention(picture, attention)));
  const tiles = [picture, ...lit];
  const images = await Promise.all(tiles.map((each) => toJpeg(each, 2 * tile)));
  const used = Math.min(columns, tiles.length);
  const width = used * (tile + gap) + gap;
  const height = Math.ceil(tiles.length / columns) * (tile + lineHeight + gap) + gap;
  const cells = images.map((image, i) => {
    const [x, y] = [gap + (i % columns) * (tile + gap), gap + Math.floor(i / columns) * (tile + lineHeight + gap)];
    const href = `data:image/jpeg;base64,${Buffer.from(image).toString('base64')}`;
    const word = i === 0 ? '' : escapeXml(words[i - 1]!.word);
    return (
      `<image x="${x}" y="${y}" width="${tile}" height="${tile}" href="${href}"/>` +
      `<text x="${x + tile / 2}" y="${y + tile + 15}">${word}</text>`
    );
  });
  const said = escapeXml(words.map(({ word }) => word).join(' '));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${said}" font-family="system-ui, sans-serif" font-size="14" text-anchor="middle">` +
    `<title>${said}</title>${cells.join('')}</svg>\n`
  );
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => entities[sign]!);
