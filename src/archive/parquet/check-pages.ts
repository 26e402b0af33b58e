import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { BoundedFile } from './bounded-file.js';

/** Rows of a row group. */
export const mostRows = 2 ** 20;

/** Bytes of a page when it is decompressed. */
const mostBytes = 2 ** 27;

/**
 * Looks at the headers of the pages of a row group before they are read: a few bytes can claim to be billions of values,
 * for which the reader would make room.
 *
 * @param present columns that will be read
 * @throws Error for claims beyond what is accepted
 */
export async function checkPages(file: BoundedFile, group: RowGroup, present: readonly string[]): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) throw new Error('a column has no metadata');
    if (present.includes(column.path_in_schema[0]!)) await checkColumn(file, column);
  }
}

async function checkColumn(file: BoundedFile, column: ColumnMetaData): Promise<void> {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const view = new DataView(await file.slice(start, start + Number(column.total_compressed_size)));
  const reader = { view, offset: 0 };
  let values = 0;
  while (reader.offset < view.byteLength - 1) {
    const header = parquetHeader(reader);
    const { dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 } = header;
    const [size, compressed] = [Number(header.uncompressed_page_size), Number(header.compressed_page_size)];
    if (!(size >= 0 && size <= mostBytes && compressed >= 0)) throw new Error(`a page claims to have ${size} bytes`);
    for (const page of [dictionary, v1, v2]) {
      const count = Number(page?.num_values ?? 0);
      values += count;
      // A dictionary has no more values than the rows that refer to it.
      if (!(count >= 0 && values <= 2 * mostRows)) throw new Error(`a column claims to have ${values} values`);
    }
    reader.offset += compressed;
  }
}
