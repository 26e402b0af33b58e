import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { ArchivedEntry, Guard } from './guard.js';
import type { UnpackOptions } from './unpack.js';

/**
 * Unpacks a ZIP archive. Its directory is checked whole before anything is written, and each file's length and checksum against it.
 * @throws LegendaError from the guard; what yauzl throws when the archive is damaged, has a path that leads outside, or a
 *   method that is not known
 */
export async function unpackZip(
  path: string,
  guard: Guard,
  { keep, signal, onProgress }: UnpackOptions,
): Promise<void> {
  const zip = await openPromise(path, { autoClose: false, validateEntrySizes: true });
  try {
    const kept: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      const archived = describe(entry);
      guard.check(archived);
      if (entry.isEncrypted()) guard.refuse(`"${entry.fileName}" is encrypted`);
      if (archived.kind === 'file' && keep(archived.name)) kept.push(entry);
    }
    const total = kept.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    let done = 0;
    for (const entry of kept) {
      signal?.throwIfAborted();
      await guard.write(entry.fileName, contentOf(zip, entry, guard), signal);
      done += entry.uncompressedSize;
      onProgress?.(done, total);
    }
  } finally {
    zip.close();
  }
}

/** Opened when it is read, as a stream that fails before anyone listens ends the process. */
async function* contentOf(zip: ZipFile, entry: Entry, guard: Guard): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32)
    guard.refuse(`"${entry.fileName}" is damaged: its checksum is another than the archive says`);
}

/** Of Unix's file modes. */
const [kindMask, regular, folder, link] = [0o170000, 0o100000, 0o040000, 0o120000];

function describe({ fileName, uncompressedSize, externalFileAttributes }: Entry): ArchivedEntry {
  // Unix keeps a file's mode in the upper half; other systems leave it 0.
  const mode = (externalFileAttributes >>> 16) & kindMask;
  const plain = fileName.endsWith('/') ? 'folder' : 'file';
  const kind = mode === link ? 'link' : [0, regular, folder].includes(mode) ? plain : 'device';
  return { name: fileName, kind, bytes: uncompressedSize };
}
