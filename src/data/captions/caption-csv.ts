import { CsvError, parse } from 'csv-parse/sync';
import { LegendaError } from '../../errors.js';
import { splitLikePtb } from '../../text/tokenise.js';
import { splitIndices } from '../split.js';
import { type Caption, type CaptionedImage, type Split, splits } from './caption-set.js';
import { imagePath } from './karpathy.js';

/** Whether text begins as such a CSV does. */
export const isCaptionCsv = (text: string): boolean => {
  const header = text.slice(0, text.search(/[\r\n]|$/u)).split(',');
  return header.length <= 3 && ['file', 'caption'].every((column) => header.some((cell) => nameOf(cell) === column));
};

const nameOf = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/u, '$1')
    .toLowerCase();

/**
 * Images and captions of a CSV with the columns `file`, `caption` and, if there is one, `split` (train, val, test), in any
 * order; an image with several captions has a line for each. Without a column `split` the images are divided at random,
 * 80 % for training and 10 % each for validation and test. Captions become words as for coco-caption's scores, without
 * punctuation.
 *
 * @param what names the file in errors
 * @param seed of the division; the same images and seed give the same one
 * @returns the images, and whether they were divided here
 * @throws LegendaError naming the line that is wrong
 */
export function readCaptionCsv(
  text: string,
  what: string,
  seed: number,
): { readonly images: CaptionedImage[]; readonly divided: boolean } {
  const [header, ...rows] = parseRows(text, what);
  const columns = columnsOf(header?.record ?? [], what);
  const byFile = new Map<string, { split: Split | undefined; captions: Caption[] }>();
  for (const { record, line } of rows) {
    const where = `${what}: line ${line}`;
    if (record.length !== columns.count) {
      throw new LegendaError(`${where}: ${columns.count} cells were expected, ${record.length} came`);
    }
    const named = record[columns.file]!.trim();
    const raw = record[columns.caption]!.trim();
    const split = columns.split === undefined ? undefined : splitNamed(record[columns.split]!.trim(), where);
    if (named === '') throw new LegendaError(`${where}: the file has no name`);
    const file = imagePath(named, where);
    const image = byFile.get(file) ?? { split, captions: [] };
    if (image.split !== split) {
      throw new LegendaError(`${where}: "${file}" is in the split ${split}, on a line before it was in ${image.split}`);
    }
    image.captions.push({ raw, tokens: splitLikePtb(raw) });
    byFile.set(file, image);
  }
  const divided = columns.split === undefined;
  const division = divided ? divide(byFile.size, seed) : [];
  const images = [...byFile].map(([file, { split, captions }], i) => ({
    file,
    id: undefined,
    split: split ?? division[i]!,
    captions,
  }));
  return { images, divided };
}

interface Row {
  readonly record: readonly string[];
  readonly line: number;
}

function parseRows(text: string, what: string): Row[] {
  try {
    const rows = parse(text, { bom: true, skip_empty_lines: true, relax_column_count: true, info: true });
    return (rows as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      record,
      line: info.lines,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new LegendaError(`${what} is not CSV: ${error.message}`, { cause: error });
  }
}

function columnsOf(header: readonly string[], what: string) {
  const names = header.map(nameOf);
  const unknown = names.find((name, i) => !known.includes(name) || names.indexOf(name) !== i);
  const missing = ['file', 'caption'].find((name) => !names.includes(name));
  if (missing !== undefined || unknown !== undefined) {
    throw new LegendaError(
      `${what}: a first line "file,caption" or "file,caption,split" was expected, "${header.join(',').slice(0, 100)}" came`,
    );
  }
  const split = names.indexOf('split');
  return {
    count: names.length,
    file: names.indexOf('file'),
    caption: names.indexOf('caption'),
    split: split === -1 ? undefined : split,
  };
}

const known = ['file', 'caption', 'split'];

function splitNamed(name: string, where: string): Split {
  const lower = name.trim().toLowerCase();
  const split = splits.find((known) => known === (lower === 'validation' ? 'val' : lower));
  if (split) return split;
  throw new LegendaError(`${where}: the split ${splits.join(', ')} was expected, "${name}" came`);
}

/** At least one image for validation and for test where there are three. */
function divide(count: number, seed: number): Split[] {
  const tenth = count < 3 ? 0 : Math.max(1, Math.round(count / 10));
  const [val, test] = splitIndices(count, [tenth, tenth], seed);
  const division = new Array<Split>(count).fill('train');
  for (const i of val!) division[i] = 'val';
  for (const i of test!) division[i] = 'test';
  return division;
}
