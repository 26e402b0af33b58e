import type { ColumnMetaData, RowGroup, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { BoundedFile } from './bounded-file.js';
import { checkRuns } from './check-runs.js';
import { compressors } from './compressors.js';

/** Rows of a row group. */
export const mostRows = 2 ** 20;

/** Bytes of a page when it is decompressed. */
const mostBytes = 2 ** 27;

type Page = ReturnType<typeof parquetHeader>;

/**
 * Looks at the pages of a row group before they are read: a few bytes can claim to be billions of values, for which the
 * reader would take all memory and time there is.
 *
 * @param present the columns that will be read, which must be flat
 * @throws Error for claims beyond what is accepted, and for encodings that are not looked into
 */
export async function checkPages(file: BoundedFile, group: RowGroup, present: readonly SchemaElement[]): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) throw new Error('a column has no metadata');
    const element = present.find(({ name }) => name === column.path_in_schema.join('.'));
    if (element !== undefined) await checkColumn(file, column, element);
  }
}

async function checkColumn(file: BoundedFile, column: ColumnMetaData, element: SchemaElement): Promise<void> {
  const { name, repetition_type: repetition } = element;
  if (element.num_children || repetition === 'REPEATED') throw new Error(`column ${name} is not flat`);
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const bytes = new Uint8Array(await file.slice(start, start + Number(column.total_compressed_size)));
  const reader = { view: new DataView(bytes.buffer), offset: 0 };
  let values = 0;
  while (reader.offset < bytes.length - 1) {
    const page = parquetHeader(reader);
    const [size, compressed] = [Number(page.uncompressed_page_size), Number(page.compressed_page_size)];
    if (!(size >= 0 && size <= mostBytes)) throw new Error(`a page of column ${name} claims to have ${size} bytes`);
    if (!(compressed >= 0)) throw new Error(`a page of column ${name} ends before it begins`);
    values += valuesOf(page);
    // Those of the rows, and those of a dictionary, which has no more.
    if (!(values <= 2 * mostRows)) throw new Error(`column ${name} claims to have ${values} values`);
    const content = bytes.subarray(reader.offset, reader.offset + compressed);
    checkContent(page, content, column.codec, repetition !== 'REQUIRED');
    reader.offset += compressed;
  }
}

function valuesOf({ dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 }: Page): number {
  const counts = [dictionary, v1, v2].map((header) => Number(header?.num_values ?? 0));
  if (!counts.every((count) => count >= 0)) throw new Error('a page has less than no values');
  return counts.reduce((sum, count) => sum + count);
}

function checkContent(page: Page, content: Uint8Array, codec: ColumnMetaData['codec'], optional: boolean): void {
  const { data_page_header: v1, data_page_header_v2: v2 } = page;
  const size = Number(page.uncompressed_page_size);
  if (page.type === 'DATA_PAGE' && v1 !== undefined) {
    const bytes = decompressPage(content, size, codec, compressors);
    // The definition levels, when there are any, have their length in front.
    const levels = optional ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : 0;
    if (optional) checkRuns(bytes.subarray(4, 4 + levels), 1, v1.num_values);
    checkValues(bytes.subarray(optional ? 4 + levels : 0), v1.encoding, v1.num_values);
  }
  if (page.type === 'DATA_PAGE_V2' && v2 !== undefined) {
    const { num_values: values, num_nulls: nulls, definition_levels_byte_length: levels } = v2;
    if (v2.repetition_levels_byte_length !== 0) throw new Error('a flat column has repetition levels');
    if (!(nulls >= 0 && nulls <= values && levels >= 0)) throw new Error(`a page claims to have ${nulls} nulls`);
    checkRuns(content.subarray(0, levels), 1, optional ? values : 0);
    const isCompressed = v2.is_compressed !== false && size > levels;
    const rest = content.subarray(levels);
    checkValues(
      isCompressed ? decompressPage(rest, size - levels, codec, compressors) : rest,
      v2.encoding,
      values - nulls,
    );
  }
}

function checkValues(bytes: Uint8Array, encoding: string, count: number): void {
  if (encoding === 'PLAIN') return;
  if (encoding !== 'RLE_DICTIONARY' && encoding !== 'PLAIN_DICTIONARY') {
    throw new Error(`plain values or a dictionary were expected, ${encoding} came`);
  }
  const [width = 0] = bytes;
  if (width > 32) throw new Error(`an index of ${width} bits`);
  checkRuns(bytes.subarray(1), width, count);
}
