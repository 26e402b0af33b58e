import type { Directory } from './directory.js';
import type { Layout } from './layout.js';

/** Which samples of a pixel are its colours, and what they mean. */
export interface Colours {
  /** Red, green and blue, or one band for all three. */
  readonly bands: readonly number[];
  /** Whether 0 is the brightest. */
  readonly inverted: boolean;
  /** Red, green and blue of each value of the band, from 0 to 255. */
  readonly palette: Uint8Array | undefined;
  readonly alpha: { readonly band: number; readonly premultiplied: boolean } | undefined;
  /** The value that colours have where there is no data. */
  readonly noData: number | undefined;
}

const tags = { photometric: 262, colourMap: 320, extraSamples: 338, noData: 42113 } as const;

/** What is not read, by its number. */
const otherColours: Readonly<Record<number, string>> = {
  4: 'a mask',
  5: 'CMYK',
  8: 'CIE Lab',
  9: 'CIE Lab',
  10: 'ITU Lab',
};

/**
 * Reads what the bands are. The first three are red, green and blue unless one is alpha, also where the file only says that 0 is
 * black, as files of more than four bands or of 16 bits do that GDAL writes; what follows, near infrared for example, is not used.
 * @throws LegendaError naming the file whose colours are of another kind
 */
export async function readColours(directory: Directory, { bands, bits, ycbcr }: Layout): Promise<Colours> {
  const { file } = directory;
  const kind = (await directory.value(tags.photometric, 'photometric')) ?? 1;
  const noData = await readNoData(directory);
  if (kind === 3) {
    const palette = await readPalette(directory, bits);
    return { bands: [0], inverted: false, palette, alpha: undefined, noData };
  }
  if (!ycbcr && kind > 2) {
    const came = otherColours[kind] ?? `number ${kind}`;
    throw file.refused(`colours: grey, RGB, a palette or YCbCr was expected, ${came} came`);
  }
  const extra = await directory.values(tags.extraSamples, 'extraSamples', 65_536);
  // 1 is alpha that is multiplied in, 2 alpha that is not, 0 anything.
  const alphas = extra.flatMap((kind, i) =>
    kind === 1 || kind === 2 ? [{ band: bands - extra.length + i, kind }] : [],
  );
  const isColour = (band: number): boolean => band < bands && !alphas.some((alpha) => alpha.band === band);
  const rgb = [0, 1, 2].every(isColour);
  if (!isColour(0) || (kind === 2 && !rgb)) {
    throw file.damaged(`its first ${kind === 2 ? 'three bands should be colours' : 'band should be a colour'}`);
  }
  const alpha = alphas.find(({ band }) => band >= 0);
  return {
    bands: rgb ? [0, 1, 2] : [0],
    inverted: kind === 0,
    palette: undefined,
    alpha: alpha && { band: alpha.band, premultiplied: alpha.kind === 1 },
    noData,
  };
}

/** A whole number, or undefined: no other value can be equal to a sample. */
async function readNoData(directory: Directory): Promise<number | undefined> {
  const text = (await directory.text(tags.noData, 'GDAL_NODATA', 1024))?.trim();
  const value = text ? Number(text) : Number.NaN;
  return Number.isInteger(value) && value >= 0 ? value : undefined;
}

async function readPalette(directory: Directory, bits: number): Promise<Uint8Array> {
  const size = 2 ** bits;
  const map = await directory.values(tags.colourMap, 'the palette', 3 * size);
  if (map.length !== 3 * size) {
    throw directory.file.damaged(`a palette of ${3 * size} values was expected, one of ${map.length} came`);
  }
  // Of 16 bits; some programs wrote 8, which libtiff tells the same way.
  const shift = map.some((value) => value > 255) ? 8 : 0;
  return Uint8Array.from({ length: 3 * size }, (_, i) => map[(i % 3) * size + Math.floor(i / 3)]! >> shift);
}
