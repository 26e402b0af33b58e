import { sniff } from './format.js';
import { tiffSamples } from './tiff-samples.js';

/** Bits a sample of an image's file, as its header says; 8 where it says nothing. */
export function bitsOf(bytes: Uint8Array): number {
  const { format } = sniff(bytes);
  if (format === 'TIFF') return tiffSamples(bytes)?.bits ?? 8;
  // behind the signature and the sizes of PNG's first chunk
  return format === 'PNG' ? (bytes[24] ?? 8) : 8;
}
