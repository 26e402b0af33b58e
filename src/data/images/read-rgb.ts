import { type ImageOptions, prepare, type RgbImage } from './decode.js';

/**
 * An image as 8-bit sRGB: TIFF, PNG, JPEG or WebP, told by content. Its EXIF orientation is applied, an embedded colour
 * profile too, CMYK included; 16 bits become 8 (the upper ones), one band is repeated, transparent pixels show `background`.
 * Of several pages or frames the first is read.
 *
 * Of a TIFF's bands the first three are the colours, and further ones but alpha are dropped. Where there are more than RGB and
 * one, or bands lie apart, it is read as mosaics are (see `openMosaic`): alpha shows black, rows stay as they lie.
 *
 * @param source a file's path, or its bytes
 * @throws LegendaError naming the file: missing, a folder, empty, of another format, damaged, cut short (a partly decoded image
 * is never given), or larger than the limits
 */
export async function readRgb(source: string | Uint8Array, options?: ImageOptions): Promise<RgbImage> {
  const { pipeline, finish } = await prepare(source, options);
  const { data, info } = await finish(pipeline);
  return { width: info.width, height: info.height, pixels: data };
}
