import { conform } from '../json.js';
import type { ShardFormat } from './manifest.js';
import { encodeParquetRows } from './parquet/encode-rows.js';
import { type TileRow, tileRowSchema } from './row.js';

/**
 * Rows as the bytes of a shard: the same rows, the same bytes.
 * @throws LegendaError naming the row that could not be read again, for a number that is not finite for instance
 */
export function encodeShard(rows: readonly TileRow[], format: ShardFormat): Uint8Array {
  // As the schema orders the fields, whatever order they came in.
  const checked = rows.map((row, i) => conform(row, tileRowSchema, `row ${i + 1} of a shard`));
  if (format === 'parquet') return encodeParquetRows(checked);
  return new TextEncoder().encode(checked.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
