import type { TileRow } from '../row.js';

/** A row as Parquet has it: every column a number, a text or null. */
export type FlatRow = Readonly<Record<ColumnName, string | number | null>>;

/** The columns in order. */
export const columns = [
  { name: 'image', type: 'STRING', nullable: false },
  { name: 'x', type: 'INT32', nullable: true },
  { name: 'y', type: 'INT32', nullable: true },
  { name: 'width', type: 'INT32', nullable: true },
  { name: 'height', type: 'INT32', nullable: true },
  { name: 'caption', type: 'STRING', nullable: true },
  { name: 'logProbability', type: 'DOUBLE', nullable: true },
  { name: 'class', type: 'STRING', nullable: true },
  { name: 'classProbability', type: 'DOUBLE', nullable: true },
  { name: 'west', type: 'DOUBLE', nullable: true },
  { name: 'south', type: 'DOUBLE', nullable: true },
  { name: 'east', type: 'DOUBLE', nullable: true },
  { name: 'north', type: 'DOUBLE', nullable: true },
  { name: 'error', type: 'STRING', nullable: true },
] as const;

export type ColumnName = (typeof columns)[number]['name'];

const whole = ['image', 'caption', 'logProbability', 'class', 'classProbability', 'error'] as const;
const windowColumns = ['x', 'y', 'width', 'height'] as const;
const boundsColumns = ['west', 'south', 'east', 'north'] as const;

export function flatten(row: TileRow): FlatRow {
  const spread = (names: readonly ColumnName[], values: readonly number[] | undefined) =>
    names.map((name, i) => [name, values?.[i] ?? null]);
  return Object.fromEntries([
    ...whole.map((name) => [name, row[name] ?? null]),
    ...spread(windowColumns, row.window),
    ...spread(boundsColumns, row.bounds),
  ]);
}

/**
 * The fields that are there, not yet checked: a list of four of which some are missing has `undefined` in it.
 * @param flat numbers of 64 bits, which other programs write, may be `bigint`
 */
export function unflatten(flat: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const value = (name: string) => {
    const given = flat[name] ?? undefined;
    return typeof given === 'bigint' ? Number(given) : given;
  };
  const four = (names: readonly string[]) => {
    const values = names.map(value);
    return values.every((one) => one === undefined) ? undefined : values;
  };
  const fields = [
    ...whole.map((name) => [name, value(name)] as const),
    ['window', four(windowColumns)] as const,
    ['bounds', four(boundsColumns)] as const,
  ];
  return Object.fromEntries(fields.filter(([, given]) => given !== undefined));
}
