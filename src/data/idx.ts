import { LegendaError } from '../errors.js';

/** Values of an IDX file, last axis fastest; `data` shares the file's bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 0x08;
const maxRank = 4;

/**
 * Reads an IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/, "the IDX file format"): two zero bytes, the
 * element type, the number of axes, each axis's size as a big-endian 32-bit number, then the values.
 *
 * @param bytes the whole file, decompressed
 * @param name what messages call it
 * @throws LegendaError when the header is not IDX's, the elements are not bytes, there are more than four axes, or the
 * length is not exactly what the header says
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new LegendaError(`${name} is not an IDX file: it must start with two zero bytes, not ${hex(bytes, 0, 2)}`);
  }
  if (bytes[2] !== unsignedByte) {
    throw new LegendaError(`${name}: IDX element type 0x08 (unsigned byte) was expected, got 0x${hex(bytes, 2, 3)}`);
  }
  const rank = bytes[3]!;
  if (rank < 1 || rank > maxRank)
    throw new LegendaError(`${name}: 1 to ${maxRank} IDX axes were expected, got ${rank}`);
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new LegendaError(`${name}: the IDX header needs ${header} bytes, the file has ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = header + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    throw new LegendaError(`${name}: shape [${shape}] needs ${expected} bytes, the file has ${bytes.length}`);
  }
  // a Buffer becomes what it is a kind of: its slice() would not copy
  return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + header, expected - header) };
}

const hex = (bytes: Uint8Array, from: number, to: number): string =>
  Array.from(bytes.subarray(from, to), (byte) => byte.toString(16).padStart(2, '0')).join('') || 'nothing';
