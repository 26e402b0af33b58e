import { parquetMetadataAsync, parquetReadObjects, type RowGroup } from 'hyparquet';
import { LegendaError } from '../../errors.js';
import { conform } from '../../json.js';
import { type TileRow, tileRowSchema } from '../row.js';
import { openBounded } from './bounded-file.js';
import { checkPages, mostRows } from './check-pages.js';
import { columns, unflatten } from './columns.js';
import { compressions, compressors } from './compressors.js';

/**
 * The rows of a Parquet file, a row group at a time.
 * @throws LegendaError naming the file, and the row that is damaged
 */
export async function* readParquetRows(path: string): AsyncGenerator<TileRow> {
  const known = new Set<string>(columns.map(({ name }) => name));
  let done = 0;
  for await (const row of readRows(path, (names) => names.filter((name) => known.has(name))))
    yield conform(unflatten(row), tileRowSchema, `${path}, row ${++done}`);
}

/**
 * The values of one column, a row group at a time.
 * @param choose which of the columns
 * @throws LegendaError naming the file that is damaged; what `choose` throws
 */
export async function* readColumn(path: string, choose: (names: readonly string[]) => string): AsyncGenerator<unknown> {
  let name = '';
  const rows = readRows(path, (names) => {
    name = choose(names);
    return [name];
  });
  for await (const row of rows) yield row[name];
}

type Row = Readonly<Record<string, unknown>>;

async function* readRows(path: string, choose: (names: readonly string[]) => readonly string[]): AsyncGenerator<Row> {
  await using file = await openBounded(path);
  const metadata = await attempt(path, () => parquetMetadataAsync(file, { geoparquet: false }));
  // the first is the root
  const schema = metadata.schema.slice(1);
  const chosen = choose(schema.map(({ name }) => name));
  const present = schema.filter(({ name }) => chosen.includes(name));
  let done = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && rows <= mostRows)) {
      throw new LegendaError(`${path}: a row group has at most ${mostRows} rows, one claims to have ${rows}`);
    }
    refuseCompression(path, group, chosen);
    const read = await attempt(path, async () => {
      await checkPages(file, group, present);
      const range = { rowStart: done, rowEnd: done + rows };
      return parquetReadObjects({ file, metadata, compressors, columns: [...chosen], ...range });
    });
    if (read.length !== rows) throw new LegendaError(`${path} is damaged: ${read.length} of ${rows} rows came`);
    done += rows;
    yield* read;
  }
}

function refuseCompression(path: string, { columns }: RowGroup, chosen: readonly string[]): void {
  for (const { meta_data: column } of columns) {
    if (!column || !chosen.includes(column.path_in_schema.join('.')) || compressions.includes(column.codec)) continue;
    const expected = `one of ${compressions.join(', ')} was expected`;
    throw new LegendaError(`${path} is compressed in a way that is not read here: ${expected}, ${column.codec} came`);
  }
}

/** The reader fails in its own words on whatever it does not expect. */
async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LegendaError) throw error;
    throw new LegendaError(`${path} is damaged or not Parquet: ${(error as Error).message}`, { cause: error });
  }
}
