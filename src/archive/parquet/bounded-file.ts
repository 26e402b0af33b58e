import { open } from 'node:fs/promises';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';

/** Bytes that are read at once. */
const most = 2 ** 28;

/** A file whose parts are read as a Parquet reader asks for them. */
export interface BoundedFile extends AsyncDisposable {
  readonly byteLength: number;
  /** @throws LegendaError when the part is not in the file, or larger than 256 MiB, whatever the file says of itself */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** @throws LegendaError when the file cannot be opened */
export async function openBounded(path: string): Promise<BoundedFile> {
  const file = await open(path).catch((error) => {
    throw describeFileError(error, `cannot read ${path}`);
  });
  const byteLength = await file.stat().then(({ size }) => size);
  return {
    byteLength,
    async slice(start, end = byteLength) {
      if (!(start >= 0 && start <= end && end <= byteLength && end - start <= most)) {
        throw new LegendaError(`${path} is damaged: bytes ${start} to ${end} of ${byteLength} are asked for`);
      }
      const bytes = new ArrayBuffer(end - start);
      try {
        const { bytesRead } = await file.read(new Uint8Array(bytes), 0, end - start, start);
        if (bytesRead === end - start) return bytes;
      } catch (error) {
        throw describeFileError(error, `cannot read ${path}`);
      }
      throw new LegendaError(`${path} is cut short: it was ${byteLength} bytes long`);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
