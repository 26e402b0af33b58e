import type { Bounds } from '../row.js';
import type { IndexDatabase, Value } from './sqlite.js';
import { oneLine } from './text.js';

/** Conditions beside the words, as parts of a query of SQL with the values of their placeholders. */
export interface Filter {
  readonly join: string;
  readonly where: string;
  readonly values: readonly Value[];
}

const join = 'CROSS JOIN tiles ON tiles.id = captions.rowid';

/**
 * Tiles of a class, touched by bounds. Bounds, and those of tiles, whose west is east of their east cross the 180th meridian.
 */
export function filterOf(database: IndexDatabase, className: string | undefined, bounds: Bounds | undefined): Filter {
  const conditions: string[] = [];
  const values: Value[] = [];
  if (className !== undefined) {
    conditions.push('tiles.class = ?');
    values.push(classId(database, className));
  }
  if (bounds !== undefined) {
    const [west, south, east, north] = bounds;
    const crosses = west > east;
    conditions.push('tiles.south <= ? AND tiles.north >= ?');
    values.push(north, south);
    // Two that both cross meet there.
    const meets = `tiles.west <= ? ${crosses ? 'OR' : 'AND'} tiles.east >= ?`;
    const meetsCrossing = crosses ? 'TRUE' : 'tiles.west <= ? OR tiles.east >= ?';
    conditions.push(`CASE WHEN tiles.west <= tiles.east THEN ${meets} ELSE ${meetsCrossing} END`);
    values.push(east, west, ...(crosses ? [] : [east, west]));
  }
  if (conditions.length === 0) return { join: '', where: '', values };
  return { join, where: conditions.map((condition) => `AND (${condition})`).join(' '), values };
}

/** Whether any tile has bounds, and whether any is touched by these. */
export function hasPlaces(database: IndexDatabase, bounds: Bounds): { readonly any: boolean; readonly there: boolean } {
  const { where, values } = filterOf(database, undefined, bounds);
  const has = (condition: string, ...own: Value[]) =>
    database.get(`SELECT 1 FROM tiles WHERE ${condition} LIMIT 1`, own) !== undefined;
  return { any: has('west IS NOT NULL'), there: has(`TRUE ${where}`, ...values) };
}

const classId = (database: IndexDatabase, name: string): Value =>
  database.get('SELECT id FROM classes WHERE name = ?', [oneLine(name)])?.['id'] ?? null;

/** Whether any tile is of a class. */
export const hasClass = (database: IndexDatabase, name: string): boolean => classId(database, name) !== null;

/** The classes of an archive by name. */
export const classesOf = (database: IndexDatabase): string[] =>
  database.all('SELECT name FROM classes ORDER BY name').map(({ name }) => String(name));
