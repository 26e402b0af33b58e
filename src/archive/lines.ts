import { createReadStream } from 'node:fs';
import { LegendaError } from '../errors.js';
import { describeFileError } from '../files.js';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const newline = 10;

/**
 * The lines of a UTF-8 file, of which a little more than the longest is in memory; the last may lack its end.
 * @param limit bytes of the longest line that is accepted
 * @throws LegendaError naming the file, and the line that is longer or not UTF-8
 */
export async function* readLines(path: string, limit: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  const line = (bytes: Uint8Array): Line => {
    number++;
    if (bytes.length > limit) {
      throw new LegendaError(`${path}, line ${number}: a line has at most ${limit} bytes, this one has more`);
    }
    try {
      return { number, text: decoder.decode(bytes) };
    } catch (error) {
      throw new LegendaError(`${path}, line ${number}: it is not UTF-8`, { cause: error });
    }
  };
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) {
      const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
        yield line(bytes.subarray(from, end));
        from = end + 1;
      }
      rest = bytes.subarray(from);
      if (rest.length > limit) line(rest);
    }
  } catch (error) {
    throw describeFileError(error, `cannot read ${path}`);
  }
  if (rest.length > 0) yield line(rest);
}
