import { parseJson } from '../json.js';
import { readLines } from './lines.js';
import { readParquetRows } from './parquet/read-rows.js';
import { type TileRow, tileRowSchema } from './row.js';

/** Bytes of the longest line. */
const longestLine = 2 ** 20;

/**
 * The rows of a shard in order, JSON Lines or Parquet by the name's ending, of which few are in memory at a time.
 * @throws LegendaError naming the file and the line or row that is damaged; rows before it have been given
 */
export async function* readShard(path: string): AsyncGenerator<TileRow> {
  if (path.endsWith('.parquet')) return yield* readParquetRows(path);
  for await (const { number, text } of readLines(path, longestLine)) {
    yield parseJson(text, tileRowSchema, `${path}, line ${number}`);
  }
}
