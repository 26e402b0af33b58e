import { parquetWriteBuffer } from 'hyparquet-writer';
import type { TileRow } from '../row.js';
import { columns, flatten } from './columns.js';

/** Rows that are read at once. */
const rowGroupSize = 10_000;

/** Rows as a Parquet file, compressed by Snappy. There is no time in it, nor anything else that would change. */
export function encodeParquetRows(rows: readonly TileRow[]): Uint8Array {
  const flat = rows.map(flatten);
  const columnData = columns.map((column) => ({ ...column, data: flat.map((row) => row[column.name]) }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, createdBy: 'legenda' }));
}
