const clear = 256;
const end = 257;
const firstFree = 258;
const mostCodes = 4096;

/**
 * Unpacks LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, the first bit first. A code's text stands in what was
 * unpacked already, so a place and a length are all that is kept of it.
 * @param length bytes at which unpacking stops
 * @returns as many bytes as there are, at most `length`
 * @throws Error where a code means nothing
 */
export function unpackLzw(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  const starts = new Int32Array(mostCodes);
  const lengths = new Int32Array(mostCodes);
  let filled = 0;
  let free = firstFree;
  let width = 9;
  let [bits, count, at] = [0, 0, 0];
  let previous: { readonly start: number; readonly length: number } | undefined;
  while (filled < length) {
    while (count < width && at < packed.length) {
      bits = ((bits & 0xffff) << 8) | packed[at++]!;
      count += 8;
    }
    if (count < width) break;
    count -= width;
    const code = (bits >>> count) & ((1 << width) - 1);
    if (code === end) break;
    if (code === clear) {
      [free, width, previous] = [firstFree, 9, undefined];
      continue;
    }
    const start = filled;
    if (code < clear) {
      out[filled++] = code;
    } else {
      // The code that is about to be defined is the text before with its own first byte behind.
      const isNext = code === free && previous !== undefined;
      if (code >= free && !isNext) throw new Error(`LZW code ${code} where there are ${free}`);
      const from = isNext ? previous!.start : starts[code]!;
      const size = isNext ? previous!.length + 1 : lengths[code]!;
      for (let i = 0; i < size && filled < length; i++) out[filled++] = out[from + i]!;
    }
    if (previous && free < mostCodes) {
      starts[free] = previous.start;
      lengths[free] = previous.length + 1;
      free++;
      if (free + 1 >= 1 << width && width < 12) width++;
    }
    previous = { start, length: filled - start };
  }
  return out.subarray(0, filled);
}
