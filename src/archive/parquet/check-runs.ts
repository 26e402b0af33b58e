import { readVarInt } from 'hyparquet/src/thrift.js';

/** Values that some writers fill the last packed run up with. */
const padding = 512;

/**
 * Goes along runs of Parquet's RLE and bit-packing hybrid without unpacking them.
 *
 * @param width bits of a value
 * @param values that there should be
 * @throws Error when a run is longer than there are values left: a reader would write them all
 */
export function checkRuns(bytes: Uint8Array, width: number, values: number): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let left = values;
  while (left > 0 && reader.offset < bytes.length) {
    const header = readVarInt(reader);
    const packed = (header & 1) === 1;
    const run = packed ? 8 * (header >>> 1) : header >>> 1;
    if (run > left + (packed ? padding : 0)) throw new Error(`a run claims to be ${run} of ${left} values`);
    left -= run;
    reader.offset += packed ? (run / 8) * width : (width + 7) >> 3;
  }
}
