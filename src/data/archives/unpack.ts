import { open } from 'node:fs/promises';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import { type ArchiveLimits, archiveLimits, Guard } from './guard.js';
import { unpackTar } from './tar.js';
import { unpackZip } from './zip.js';

export interface UnpackOptions {
  /** Which files to write; the others are checked and passed over. */
  readonly keep: (name: string) => boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Unpacks a .zip, .tar or .tar.gz, told by its content, into a folder that exists. The archive is not trusted: links, devices,
 * paths that lead outside, a name that is there twice, and more files or bytes than the limits are refused.
 *
 * @throws LegendaError naming the archive and what is wrong; what was unpacked before is left for the caller to delete
 */
export async function unpackArchive(
  path: string,
  into: string,
  options: UnpackOptions,
  limits: ArchiveLimits = archiveLimits,
): Promise<void> {
  const { kind, size } = await recognise(path);
  const guard = new Guard(path, size, into, limits);
  try {
    if (kind === 'zip') await unpackZip(path, guard, options);
    else await unpackTar(path, kind === 'tar.gz', guard, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof LegendaError) throw error;
    throw new LegendaError(`${path} is damaged, cut short or refused: ${(error as Error).message}`, { cause: error });
  }
}

type Kind = 'zip' | 'tar' | 'tar.gz';

async function recognise(path: string): Promise<{ kind: Kind; size: number }> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return { kind: kindOf(buffer.toString('latin1', 0, bytesRead), path), size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  }
}

function kindOf(head: string, path: string): Kind {
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return 'zip';
  if (head.startsWith('\x1f\x8b')) return 'tar.gz';
  if (head.startsWith('ustar', 257) || (head.length === 512 && path.toLowerCase().endsWith('.tar'))) return 'tar';
  const other = others.find(([magic]) => head.startsWith(magic))?.[1];
  throw new LegendaError(
    `${path} is ${other ?? 'no archive'}, a folder or a .zip, .tar or .tar.gz was expected${other ? ': unpack it first' : ''}`,
  );
}

const others: readonly (readonly [magic: string, what: string])[] = [
  ['Rar!', 'a RAR archive'],
  ['7z\xbc\xaf', 'a 7-Zip archive'],
  ['BZh', 'compressed by bzip2'],
  ['\xfd7zXZ', 'compressed by xz'],
  ['\x28\xb5\x2f\xfd', 'compressed by zstd'],
];
