import { type FileHandle, open } from 'node:fs/promises';
import { LegendaError } from '../../../errors.js';
import { describeFileError } from '../../../files.js';

/** A file's bytes, and what errors call it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Source = FileHandle | Uint8Array;

/** An open TIFF file, read piece by piece. */
export class TiffFile implements AsyncDisposable {
  /** Its path, or what its bytes are called; errors name it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly #source: Source;

  private constructor(name: string, size: number, source: Source) {
    this.name = name;
    this.size = size;
    this.#source = source;
  }

  /**
   * Opens a file, or bytes that are in memory.
   * @throws LegendaError when the file is missing, not readable or not a file
   */
  static async open(source: string | NamedBytes): Promise<TiffFile> {
    if (typeof source === 'object') return new TiffFile(source.name, source.bytes.length, source.bytes);
    let handle: FileHandle | undefined;
    try {
      handle = await open(source);
      const found = await handle.stat();
      if (found.isFile()) return new TiffFile(source, found.size, handle);
      throw new LegendaError(`${source} is ${found.isDirectory() ? 'a folder' : 'not a file'}, a GeoTIFF was expected`);
    } catch (error) {
      await handle?.close();
      throw describeFileError(error, `cannot read ${source}`);
    }
  }

  /**
   * Exactly these bytes.
   * @param length to be bounded by the caller, since files claim anything
   * @param what is read, for errors
   * @throws LegendaError when the file ends before
   */
  async read(offset: number, length: number, what: string): Promise<Uint8Array> {
    this.check(offset, length, what);
    // a copy, which a slice of a Buffer is not
    if (this.#source instanceof Uint8Array) return new Uint8Array(this.#source.subarray(offset, offset + length));
    try {
      const { bytesRead, buffer } = await this.#source.read(new Uint8Array(length), 0, length, offset);
      if (bytesRead === length) return buffer;
    } catch (error) {
      throw describeFileError(error, `cannot read ${this.name}`);
    }
    throw this.damaged(`${what} ends before its ${length} bytes`);
  }

  /** Whether the file is long enough. @throws LegendaError when it is not */
  check(offset: number, length: number, what: string): void {
    if (Number.isSafeInteger(offset + length) && offset >= 0 && length >= 0 && offset + length <= this.size) return;
    const bytes = `bytes ${offset} to ${offset + length}`;
    throw this.damaged(`${what} should be at ${bytes}, the file has ${this.size}`);
  }

  /** An error that names the file. */
  damaged(why: string, cause?: unknown): LegendaError {
    return new LegendaError(`${this.name} is damaged or cut short: ${why}`, { cause });
  }

  /** An error for what is as it should be, but not read. */
  refused(why: string): LegendaError {
    return new LegendaError(`${this.name}: ${why}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!(this.#source instanceof Uint8Array)) await this.#source.close();
  }
}
