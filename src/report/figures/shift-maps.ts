import { axisX, axisY, cell, text } from '@observablehq/plot';
import { accent, draw } from './draw.js';
import type { FigureText } from './figure-text.js';

/** One map: values by shift. */
export interface ShiftMap {
  readonly name: string;
  readonly cells: readonly { readonly shift: readonly [number, number]; readonly value: number | undefined }[];
}

export interface ShiftMaps extends FigureText {
  /** Side by side, with one scale. */
  readonly maps: readonly ShiftMap[];
  /** A value as it stands in its cell. */
  readonly format: (value: number) => string;
  /** How strong a value's colour is, from 0 to 1. */
  readonly strength: (value: number) => number;
  /** Maps in a row. */
  readonly columns?: number;
  readonly width?: number;
}

/** Numbers in ink can be read on it in both schemes. */
const deepest = 0.5;

/** Values by shift, downwards and rightwards, as cells that are the stronger in colour the larger their value, with the value in them. */
export function shiftMaps({ maps, format, strength, columns = 2, width = 720, ...figure }: ShiftMaps): string {
  const across = Math.min(columns, maps.length);
  const drawn = across === 1 ? Math.min(width, 400) : width;
  const rows = Math.ceil(maps.length / across);
  const all = maps.flatMap(({ cells }, map) => cells.map((own) => ({ map, ...own })));
  const shifts = [...new Set(all.map(({ shift }) => shift[0]))].sort((a, b) => a - b);
  const marginLeft = 52;
  const side = (drawn - marginLeft) / across;
  const fontSize = Math.min(12, side / shifts.length / 3.1);
  const at = {
    x: ({ shift }: Cell) => shift[1],
    y: ({ shift }: Cell) => shift[0],
    fx: ({ map }: Cell) => map % across,
    fy: ({ map }: Cell) => Math.floor(map / across),
  };
  const known = all.filter((own): own is Cell & { value: number } => own.value !== undefined);
  return draw(figure, {
    width: drawn,
    height: rows * (side * 0.78 + 40) + 54,
    marginTop: 28,
    marginLeft,
    marginRight: 4,
    marginBottom: 46,
    style: { fontSize: '12px' },
    x: { domain: shifts, padding: 0.06 },
    y: { domain: shifts, padding: 0.06 },
    fx: { axis: null, padding: 0.12 },
    fy: { axis: null, padding: 0.22 },
    opacity: { type: 'identity' },
    marks: [
      cell(all, { ...at, fill: 'currentColor', fillOpacity: 0.045 }),
      cell(known, { ...at, fill: accent, fillOpacity: ({ value }: { value: number }) => deepest * strength(value) }),
      text(known, {
        ...at,
        text: ({ value }: { value: number }) => format(value),
        fontSize,
        fontVariant: 'tabular-nums',
        fill: 'currentColor',
      }),
      text(maps, {
        fx: (_: ShiftMap, i: number) => i % across,
        fy: (_: ShiftMap, i: number) => Math.floor(i / across),
        text: 'name',
        frameAnchor: 'top-left',
        dy: -16,
        fontWeight: 600,
      }),
      axisX({ label: 'pixels to the right', labelOffset: 40, ...axis }),
      axisY({ label: 'pixels down', labelOffset: 48, ...axis }),
    ],
  });
}

interface Cell {
  /** Index of its map. */
  readonly map: number;
  readonly shift: readonly [number, number];
  readonly value: number | undefined;
}

const axis = {
  labelAnchor: 'center',
  labelArrow: 'none',
  tickSize: 0,
  tickFormat: (by: number) => signed(by),
} as const;

const signed = (by: number): string => (by > 0 ? `+${by}` : by < 0 ? `−${-by}` : '0');
