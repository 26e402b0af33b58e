import sharp from 'sharp';

const [startOfImage, startOfScan, restart0, endOfImage, comment] = [0xd8, 0xda, 0xd0, 0xd9, 0xfe];

/** Adobe's segment, by which decoders know that three components are, or are not, luma and chroma. */
const adobe = (ycbcr: boolean): Uint8Array =>
  Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, ycbcr ? 1 : 0);

export interface JpegBlock {
  /** Tables from the TIFF's directory, as a JPEG stream of their own. */
  readonly tables: Uint8Array | undefined;
  readonly width: number;
  readonly rows: number;
  /** Rows that it may have: some programs fill the last strip up. */
  readonly mostRows: number;
  /** Components side by side, 1 to 4. */
  readonly bands: number;
  /** Whether three components are luma and chroma, which RGB is made of; else they are taken as they are. */
  readonly ycbcr: boolean;
}

/**
 * Decodes a block of JPEG in a TIFF (Adobe's TIFF Technical Note 2) with libjpeg, as sharp has it: its tables are put in front of
 * it, and what it says of its colours is replaced by what the TIFF says.
 *
 * geotiff.js's own decoder repeats chroma where libjpeg interpolates (up to 65 of 255 apart), sets aside memory for any size
 * that a block claims, and does not see that a block ends too soon.
 * @returns [rows or more, width, bands]
 * @throws Error where it is damaged or of another size
 */
export async function decodeJpeg(block: Uint8Array, expected: JpegBlock): Promise<Uint8Array> {
  const { tables, width, rows, mostRows, bands, ycbcr } = expected;
  const [shared] = tables ? segments(tables) : [[]];
  const [own, scans] = segments(block);
  const frame = own.find(([, marker]) => isFrame(marker!));
  if (!frame || scans.length === 0) throw new Error('its JPEG has no image');
  const size = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const [bits, height, across, components] = [size.getUint8(4), size.getUint16(5), size.getUint16(7), size.getUint8(9)];
  if (bits !== 8 || across !== width || height < rows || height > mostRows || components !== bands) {
    throw new Error(
      `a JPEG of ${width}×${rows} with ${bands} components of 8 bits was expected, one of ${across}×${height} with ${components} of ${bits} came`,
    );
  }
  const stream = Buffer.concat([Uint8Array.of(0xff, startOfImage), adobe(ycbcr), ...shared, ...own, scans]);
  // Of 'warning' and worse: libjpeg only warns when a block ends too soon, and would fill up with grey.
  const image = sharp(stream, { failOn: 'warning', limitInputPixels: width * mostRows });
  // Four components are CMYK to libjpeg, which keeps them, and inverted to libvips, as Adobe's segment is there.
  if (bands === 4) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  if (bands === 1) image.toColourspace('b-w');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== bands) throw new Error(`${info.channels} components came out`);
  if (bands === 4) for (let i = 0; i < data.length; i++) data[i] = 255 - data[i]!;
  return data;
}

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Segments of a stream's head but for applications' and comments, and its first scan with all that follows. */
function segments(stream: Uint8Array): [head: Uint8Array[], scans: Uint8Array] {
  const head: Uint8Array[] = [];
  if (stream[0] !== 0xff || stream[1] !== startOfImage) throw new Error('its JPEG has no beginning');
  for (let at = 2; at + 4 <= stream.length; ) {
    const marker = stream[at + 1]!;
    if (stream[at] !== 0xff) throw new Error('its JPEG is damaged');
    if (marker === startOfScan) return [head, stream.subarray(at)];
    if (marker === endOfImage) break;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= restart0 && marker < startOfImage) throw new Error('its JPEG is damaged');
    const length = 2 + ((stream[at + 2]! << 8) | stream[at + 3]!);
    const ofApplication = (marker >= 0xe0 && marker <= 0xef) || marker === comment;
    if (!ofApplication) head.push(stream.subarray(at, at + length));
    at += length;
  }
  return [head, new Uint8Array()];
}
