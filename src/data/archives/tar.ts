import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Header, Pax } from 'tar';
import type { ArchivedEntry, Guard } from './guard.js';
import type { UnpackOptions } from './unpack.js';

/**
 * Unpacks a tar archive, which has no directory: files are checked and written as they come.
 * @throws LegendaError from the guard; another error when the archive is damaged or cut short
 */
export async function unpackTar(path: string, gzip: boolean, guard: Guard, options: UnpackOptions): Promise<void> {
  const { keep, signal, onProgress } = options;
  const { size } = await stat(path);
  const source = createReadStream(path);
  // The callback is for errors, which reach the reader too.
  const unpacked = gzip ? pipeline(source, createGunzip(), () => {}) : source;
  const reader = new BlockReader(unpacked, (bytes) => {
    signal?.throwIfAborted();
    guard.checkRatio(bytes);
    onProgress?.(source.bytesRead, size);
  });
  try {
    for await (const { entry, content } of entriesOf(reader)) {
      guard.check(entry);
      if (entry.kind === 'file' && keep(entry.name)) await guard.write(entry.name, content(), signal);
    }
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

interface Entry {
  readonly entry: ArchivedEntry;
  /** To be read before the next entry is asked for, or not at all. */
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** Names and lengths that pax writes of the next entry, more than which none has. */
const maxMetadata = 2 ** 20;

async function* entriesOf(reader: BlockReader): AsyncGenerator<Entry> {
  let next: Pax | undefined;
  let all: Pax | undefined;
  for (;;) {
    const header = new Header(await reader.block(), 0, next, all);
    if (header.nullBlock) return reader.drain();
    if (!header.cksumValid) throw new Error('a checksum is wrong');
    const { type, path = '', size = 0 } = header;
    if (metadata.has(type)) {
      if (size > maxMetadata) throw new Error(`${size} bytes of metadata`);
      const text = new TextDecoder().decode(await reader.body(size));
      if (type === 'GlobalExtendedHeader') all = Pax.parse(text, all, true);
      else if (isLongName(type)) next = new Pax({ ...next, path: text.replace(/\0.*/su, '') });
      else if (type !== 'NextFileHasLongLinkpath') next = Pax.parse(text, next);
      continue;
    }
    const name = next?.path ?? path;
    next = undefined;
    const end = reader.position + Math.ceil(size / 512) * 512;
    const kind = kinds[type] ?? 'device';
    yield { entry: { name, kind, bytes: size }, content: () => reader.read(size) };
    await reader.skip(end - reader.position);
  }
}

const isLongName = (type: string): boolean => type === 'NextFileHasLongPath' || type === 'OldGnuLongPath';

const metadata: ReadonlySet<string> = new Set([
  'GlobalExtendedHeader',
  'ExtendedHeader',
  'OldExtendedHeader',
  'NextFileHasLongPath',
  'OldGnuLongPath',
  'NextFileHasLongLinkpath',
]);

const kinds: Readonly<Record<string, ArchivedEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  Link: 'link',
  SymbolicLink: 'link',
};

/** Reads a stream in pieces of a wanted length. */
class BlockReader {
  /** Bytes that have been handed out. */
  position = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #onChunk: (bytes: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #bytes = 0;

  constructor(chunks: AsyncIterable<Buffer>, onChunk: (bytes: number) => void) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#onChunk = onChunk;
  }

  /** The next 512 bytes. */
  async block(): Promise<Buffer> {
    return this.body(512, 512);
  }

  /** So many bytes, padded to whole blocks in the stream. */
  async body(length: number, padded = Math.ceil(length / 512) * 512): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(length)) pieces.push(piece);
    await this.skip(padded - length);
    return Buffer.concat(pieces);
  }

  async *read(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw new Error('it ends too soon');
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      this.position += piece.length;
      left -= piece.length;
      yield piece;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.read(length));
  }

  /** Reads to the end: what is behind the last entry may be damaged, or a bomb. */
  async drain(): Promise<void> {
    while (await this.#fill());
  }

  async #fill(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#bytes += value.length;
    this.#onChunk(this.#bytes);
    this.#rest = value;
    return true;
  }
}
