import { getDecoder } from 'geotiff';

const magic = 0xfd2fb528;
/** Bytes of the optional fields of a frame's header, by the two bits that say so. */
const dictionarySizes = [0, 1, 2, 4] as const;
const contentSizes = [0, 2, 4, 8] as const;

/**
 * Unpacks a Zstandard frame (RFC 8878) with geotiff.js's decoder. That one sets aside as much memory as a frame claims to need,
 * and where a frame makes no claim it never returns from a damaged one. So the frame is followed to its end here, and handed over
 * with the length that is expected written into it.
 * @param length bytes that come out, no less and no more
 * @throws Error where the frame is damaged or of another length
 */
export async function unpackZstandard(packed: Uint8Array, length: number): Promise<Uint8Array> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (view.getUint32(0, true) !== magic) throw new Error('it is not a Zstandard frame');
  const flags = view.getUint8(4);
  const single = (flags & 0x20) !== 0;
  if ((flags & 3) !== 0) throw new Error('its Zstandard frame needs a dictionary');
  const contentFlag = flags >> 6;
  const contentSize = contentFlag === 0 && single ? 1 : contentSizes[contentFlag]!;
  const contentAt = 5 + (single ? 0 : 1) + dictionarySizes[0];
  const blocksAt = contentAt + contentSize;
  const blocks = packed.subarray(blocksAt, endOf(view, blocksAt) + (flags & 4 ? 4 : 0));
  // A content size of eight bytes, and what else the header had.
  const frame = new Uint8Array(contentAt + 8 + blocks.length);
  frame.set(packed.subarray(0, contentAt));
  frame[4] = 0xc0 | (flags & 0x3f);
  new DataView(frame.buffer).setBigUint64(contentAt, BigInt(length), true);
  frame.set(blocks, contentAt + 8);
  unpacker ??= getDecoder(50000, { ...unused, predictor: 1 });
  const decoder = await unpacker;
  const unpacked = new Uint8Array((await decoder.decode(frame.buffer)) as ArrayBuffer);
  if (unpacked.length !== length) throw new Error('its Zstandard frame is damaged');
  return unpacked;
}

let unpacker: ReturnType<typeof getDecoder> | undefined;
const unused = { tileWidth: 0, tileHeight: 0, bitsPerSample: 8, planarConfiguration: 1 };

/** Behind the last block of a frame. */
function endOf(view: DataView, first: number): number {
  for (let at = first; ; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const kind = (header >> 1) & 3;
    // one repeated byte, or as many as it says
    at += 3 + (kind === 1 ? 1 : header >> 3);
    if (kind === 3 || at > view.byteLength) throw new Error('its Zstandard frame is damaged');
    if (header & 1) return at;
  }
}
