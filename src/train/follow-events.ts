import { type FileHandle, open } from 'node:fs/promises';
import { describeFileError } from '../files.js';
import { parseJson } from '../json.js';
import { eventsPath, isCut, type RunEvent, runEventSchema } from './events.js';

/** Bytes that are read at once. */
const chunkBytes = 2 ** 20;

/** Longer lines are not ours. */
const longestLine = 2 ** 20;

/** What has come of a run's events. */
export interface Followed {
  /** In the order of the file: also those that do not count any more after a resumed `start`. */
  readonly events: readonly RunEvent[];
  /** Whether the file is another than before: what was read of it counts no more. */
  readonly anew: boolean;
}

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
   * Events that have come since the last call, at most about a megabyte of them; none when there are no more. A line that is
   * damaged is passed over.
   * @throws LegendaError when the file cannot be read
   */
  async more(): Promise<Followed> {
    let file: FileHandle;
    try {
      file = await open(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { events: [], anew: false };
      throw describeFileError(error, `cannot read ${this.#path}`);
    }
    try {
      const { size } = await file.stat();
      const anew = size < this.#read;
      if (anew) this.#begin();
      const buffer = new Uint8Array(Math.min(chunkBytes, size - this.#read));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#read);
      this.#read += bytesRead;
      return { events: this.#parse(buffer.subarray(0, bytesRead)), anew };
    } finally {
      await file.close();
    }
  }

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
