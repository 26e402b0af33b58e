/**
 * Unpacks PackBits (TIFF 6.0, section 9): runs of one byte, and bytes as they are.
 * @param length bytes at which unpacking stops
 * @returns as many bytes as there are, at most `length`
 */
export function unpackBits(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let filled = 0;
  for (let at = 0; at < packed.length && filled < length; ) {
    const header = packed[at++]!;
    if (header < 128) {
      const plain = packed.subarray(at, at + Math.min(header + 1, length - filled));
      out.set(plain, filled);
      filled += plain.length;
      at += header + 1;
    } else if (header > 128) {
      if (at >= packed.length) break;
      const until = Math.min(filled + 257 - header, length);
      out.fill(packed[at++]!, filled, until);
      filled = until;
    }
  }
  return out.subarray(0, filled);
}
