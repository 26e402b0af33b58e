import { createReadStream } from 'node:fs';
import { CsvError, type Options, parse } from 'csv-parse';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import { readColumn } from '../parquet/read-rows.js';

/** Names of a column that has paths of images, the first that is there. */
const columns = ['image', 'path', 'file', 'filename'] as const;

/** A longer path is none. */
const longestPath = 4096;

/** Bytes; of a CSV's other columns too. */
const longestRecord = 2 ** 20;

/** Lists are told by their names' endings. */
const readers = { '.txt': linesOf, '.csv': cellsOf, '.parquet': valuesOf } as const;

export const listEndings = Object.keys(readers) as (keyof typeof readers)[];

/**
 * Paths of images as a list has them: a text file's lines, or the column `image`, `path`, `file` or `filename` of a CSV or Parquet
 * file. Backslashes become slashes. A row at a time is in memory, of Parquet a group of rows.
 * @throws LegendaError naming file and row where there is no path
 */
export async function* listedImages(list: string): AsyncGenerator<string> {
  const ending = listEndings.find((known) => list.toLowerCase().endsWith(known))!;
  let row = 0;
  for await (const value of readers[ending](list)) {
    row++;
    if (typeof value !== 'string' || value.trim() === '' || value.length > longestPath || value.includes('\0'))
      throw new LegendaError(
        `${list}: ${rowName[ending]} ${row} has no path of an image: ${shown(value).slice(0, 80)} came`,
      );
    yield value.trim().replaceAll('\\', '/');
  }
}

/** JSON has no name for a Parquet file's integers of 64 bits. */
const shown = (value: unknown): string =>
  typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');

const rowName = { '.txt': 'line', '.csv': 'row', '.parquet': 'row' } as const;

/** Lines that are not empty. */
async function* linesOf(list: string): AsyncGenerator<unknown> {
  // no text has this character: a line is one cell
  for await (const [line] of recordsOf(list, { delimiter: '\u0001', quote: false })) yield line;
}

async function* cellsOf(list: string): AsyncGenerator<unknown> {
  let column: number | undefined;
  for await (const record of recordsOf(list, {})) {
    if (column === undefined) column = columnOf(record, list);
    else yield record[column] ?? '';
  }
}

async function* recordsOf(list: string, options: Options): AsyncGenerator<string[]> {
  const input = createReadStream(list);
  const parser = parse({
    ...options,
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: longestRecord,
  });
  input.on('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    yield* parser as AsyncIterable<string[]>;
  } catch (error) {
    if (error instanceof CsvError)
      throw new LegendaError(`${list} is no list of paths: ${error.message}`, { cause: error });
    throw describeFileError(error, `cannot read ${list}`);
  } finally {
    input.destroy();
  }
}

async function* valuesOf(list: string): AsyncGenerator<unknown> {
  yield* readColumn(list, (names) => names[columnOf(names, list)]!);
}

/** Where paths are among columns. */
function columnOf(header: readonly string[], list: string): number {
  const names = header.map((name) => name.trim().toLowerCase());
  const found = columns.map((name) => names.indexOf(name)).find((index) => index !== -1);
  if (found !== undefined) return found;
  throw new LegendaError(
    `${list}: a column ${columns.join(', ')} was expected, "${header.join(',').slice(0, 100)}" came`,
  );
}
