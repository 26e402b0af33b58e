import type { Point } from './geometry.js';

const columns = ['left', 'middle', 'right'] as const;
const rows = ['upper', 'middle', 'lower'] as const;

/** Ninths of the picture, by what captions call them. */
export const places = [
  'upper left',
  'top',
  'upper right',
  'left',
  'middle',
  'right',
  'lower left',
  'bottom',
  'lower right',
] as const;

export type Place = (typeof places)[number];

/** Thirds with room between them: what lies there is in neither, so that nobody need doubt a caption. */
const bounds = { low: 0.36, middle: [0.41, 0.59], high: 0.64 } as const;

/** The ninth that a point lies in; undefined between two. */
export function placeOf([x, y]: Point): Place | undefined {
  const column = thirdOf(x);
  const row = thirdOf(y);
  return column === undefined || row === undefined ? undefined : places[row * 3 + column];
}

function thirdOf(value: number): 0 | 1 | 2 | undefined {
  if (value <= bounds.low) return 0;
  if (value >= bounds.high) return 2;
  return value >= bounds.middle[0] && value <= bounds.middle[1] ? 1 : undefined;
}

/** The ninth's column and row. */
export function partsOf(place: Place): { column: (typeof columns)[number]; row: (typeof rows)[number] } {
  const i = places.indexOf(place);
  return { column: columns[i % 3]!, row: rows[Math.floor(i / 3)]! };
}

/** With its preposition: `in the upper left`, `at the top`. */
export function placePhrase(place: Place): string {
  if (place === 'left' || place === 'right') return `on the ${place}`;
  if (place === 'top' || place === 'bottom') return `at the ${place}`;
  return `in the ${place}`;
}

export type Relation = 'left' | 'right' | 'above' | 'below';

/** Where `a` is from `b`, when it is plainly one of four. */
export function relationOf(a: Point, b: Point): Relation | undefined {
  const dx = a[0] - b[0];
  const dy = a[1] - b[1];
  if (Math.max(Math.abs(dx), Math.abs(dy)) < 0.22) return undefined;
  if (Math.abs(dx) > 1.6 * Math.abs(dy)) return dx < 0 ? 'left' : 'right';
  if (Math.abs(dy) > 1.6 * Math.abs(dx)) return dy < 0 ? 'above' : 'below';
  return undefined;
}

export const relationPhrase = (relation: Relation): string =>
  relation === 'left' || relation === 'right' ? `to the ${relation} of` : relation;

/** From where to where something crosses the picture. */
export interface Course {
  readonly from: Place;
  readonly to: Place;
}

export const coursePhrase = ({ from, to }: Course): string => `from the ${from} to the ${to}`;
