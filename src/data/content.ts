import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LegendaError } from '../errors.js';

/** A file whose content is known beforehand. */
export interface PinnedFile {
  /** The name it is published under; `.gz` at the end says that it is compressed there. */
  readonly name: string;
  /** Of the decompressed content. */
  readonly bytes: number;
  /** Of the decompressed content, in hexadecimal: recompressing a file does not change what it is. */
  readonly sha256: string;
}

const unzip = promisify(gunzip);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** More than any honest copy has: compressed content is not much larger than decompressed. */
export const maxStoredBytes = (file: PinnedFile): number => file.bytes + (file.bytes >> 6) + 65_536;

/**
 * The decompressed content of a pinned file; never more bytes in memory than the pin allows.
 * @param stored the bytes as they lie or came: gzip, told by its first bytes, or the content itself
 * @throws LegendaError saying what is wrong (cut short, damaged, another content), with both digests; it does not say where
 * the bytes came from
 */
export async function checkContent(file: PinnedFile, stored: Uint8Array): Promise<Uint8Array> {
  const content = isGzip(stored) ? await decompress(file, stored) : stored;
  const actual = sha256(content);
  if (actual === file.sha256) return content;
  const size = content.length === file.bytes ? '' : ` (${content.length} bytes instead of ${file.bytes})`;
  throw new LegendaError(`expected sha256 ${file.sha256} of the decompressed content, got ${actual}${size}`);
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function decompress(file: PinnedFile, stored: Uint8Array): Promise<Uint8Array> {
  try {
    return await unzip(stored, { maxOutputLength: file.bytes, chunkSize: Math.min(file.bytes + 64, 1 << 20) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ERR_BUFFER_TOO_LARGE' ? `decompresses to more than ${file.bytes} bytes` : message;
    const digest = `the compressed ${stored.length} bytes have sha256 ${sha256(stored)}`;
    throw new LegendaError(`cut short or damaged: ${what}; expected sha256 ${file.sha256} decompressed, ${digest}`);
  }
}
