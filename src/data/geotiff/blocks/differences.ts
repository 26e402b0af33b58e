/**
 * Undoes TIFF's predictor 2, in place: a sample is the difference to the one on its left of the same band, modulo 2 to the bits.
 * @param samples [rows, width, bands], of 8 bits, or of 16 in the byte order given
 */
export function undoDifferences(
  samples: Uint8Array,
  { width, bands, bits, littleEndian }: { width: number; bands: number; bits: 8 | 16; littleEndian: boolean },
): void {
  const bytes = bits / 8;
  const step = bands * bytes;
  const rowLength = width * step;
  for (let row = 0; row < samples.length; row += rowLength) {
    const until = Math.min(row + rowLength, samples.length);
    if (bits === 8) {
      for (let i = row + step; i < until; i++) samples[i] = samples[i]! + samples[i - step]!;
      continue;
    }
    const [low, high] = littleEndian ? [0, 1] : [1, 0];
    for (let i = row + step; i + 1 < until; i += 2) {
      const sum = samples[i + low]! + samples[i - step + low]!;
      samples[i + low] = sum;
      samples[i + high] = samples[i + high]! + samples[i - step + high]! + (sum >> 8);
    }
  }
}
