import { type FileHandle, open } from 'node:fs/promises';
import { describeFileError } from '../files.js';
import { parseJson } from '../json.js';
import { eventsPath, isCut, type RunEvent, runEventSchema } from './events.js';

/** Bytes that are read at once. */
const chunkBytes = 2 ** 20;

/** Longer lines are not ours. */
const longestLine = 2 ** 20;

/** Reads a run's events as they are appended. */
export class EventFollower {
  readonly #path: string;
  /** Bytes whose lines have been given. */
  #read = 0;
  #rest = new Uint8Array();

  /** @param dir the run folder, whose events may not have begun */
  constructor(dir: string) {
    this.#path = eventsPath(dir);
  }

  /**
   * Events that have come since the last call, in the order of the file: also those that do not count any more after a
   * resumed `start`. At most about a megabyte of them; none when there are no more. A line that is damaged is passed over.
   */
  async more(): Promise<RunEvent[]> {
    let file: FileHandle;
    try {
      file = await open(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw describeFileError(error, `cannot read ${this.#path}`);
    }
    try {
      const { size } = await file.stat();
      if (size < this.#read) this.#begin();
      const buffer = new Uint8Array(Math.min(chunkBytes, size - this.#read));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#read);
      this.#read += bytesRead;
      return this.#parse(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }

  /** The file is another one: shorter than what was read. */
  #begin(): void {
    this.#read = 0;
    this.#rest = new Uint8Array();
  }

  #parse(bytes: Uint8Array): RunEvent[] {
    const end = bytes.lastIndexOf(0x0a) + 1;
    const whole = new TextDecoder().decode(Buffer.concat([this.#rest, bytes.subarray(0, end)]));
    this.#rest = end > 0 ? bytes.slice(end) : new Uint8Array(Buffer.concat([this.#rest, bytes]));
    if (this.#rest.length > longestLine) this.#rest = new Uint8Array();
    if (end === 0) return [];
    return whole.split('\n').flatMap((line) => {
      if (isCut(line)) return [];
      try {
        return [parseJson(line, runEventSchema, this.#path)];
      } catch {
        return [];
      }
    });
  }
}
