import * as zlib from 'node:zlib';
import type { Compressors } from 'hyparquet';

type Unpack = (packed: Uint8Array, options: zlib.ZlibOptions) => Uint8Array;

/** No more comes out than a page claims; that claim is checked before. */
const bounded =
  (unpack: Unpack) =>
  (packed: Uint8Array, length: number): Uint8Array =>
    new Uint8Array(unpack(packed, { maxOutputLength: Math.max(1, length) }));

/** From Node 22.15 on. */
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: Unpack };

/** Compressions of Parquet that the reader needs help with. */
export const compressors: Compressors = {
  GZIP: bounded(zlib.gunzipSync),
  BROTLI: bounded(zlib.brotliDecompressSync),
  ...(zstdDecompressSync && { ZSTD: bounded(zstdDecompressSync) }),
};

/** Those that are read. */
export const compressions: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(compressors)];
