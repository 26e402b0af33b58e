import type { Table, Value } from './blocks.js';

/** CSV by RFC 4180, with the columns' keys as its first line; numbers in full, nothing where there is no number. */
export function toCsv({ columns, rows }: Table): string {
  const keys = keysOf(columns);
  const lines = [keys, ...rows.map((row) => keys.map((key) => csvText(row[key])))];
  return lines.map((cells) => `${cells.map(quote).join(',')}\r\n`).join('');
}

const keysOf = (columns: Table['columns']): string[] =>
  columns.flatMap(({ key, spread }) => (spread === undefined ? [key] : [key, spread]));

const csvText = (value: Value): string =>
  value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? '' : String(value);

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The rows as a JSON list of objects; null where there is no number. */
export function toJson({ columns, rows }: Table): string {
  const objects = rows.map((row) => Object.fromEntries(keysOf(columns).map((key) => [key, row[key] ?? null])));
  return `${JSON.stringify(objects, null, 2)}\n`;
}
