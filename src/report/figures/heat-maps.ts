import { rect, text } from '@observablehq/plot';
import { accent, draw } from './draw.js';
import type { FigureText } from './figure-text.js';

export interface HeatMaps extends FigureText {
  /** Matrices with at most as many columns as rows, of shares from 0 to 1, or of any numbers where they are `signed`. */
  readonly maps: readonly { readonly name: string; readonly rows: readonly (readonly number[])[] }[];
  /** Whether numbers below zero are drawn in the ink's colour, and all against this largest amount. */
  readonly signed?: { readonly largest: number };
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

const nameHeight = 22;

/** Matrices side by side, the darker the larger the number; the square root shows small ones. */
export function heatMaps({ maps, signed, width = 720, ...figure }: HeatMaps): string {
  const gap = width < 500 ? 10 : 24;
  const side = (width - 2 - gap * (maps.length - 1)) / Math.max(1, maps.length);
  const cells = maps.flatMap(({ rows }, map) =>
    rows.flatMap((row, i) =>
      row.map((share, j) => {
        const [x, y, size] = [1 + map * (side + gap), nameHeight, side / rows.length];
        return {
          ...{ x1: x + j * size, x2: x + (j + 1) * size, y1: y + i * size, y2: y + (i + 1) * size },
          opacity: Math.sqrt(Math.min(1, Math.abs(share) / (signed?.largest || 1))),
          fill: share < 0 ? 'currentColor' : accent,
          title: `row ${i + 1}, column ${j + 1}: ${share.toFixed(4)}`,
        };
      }),
    ),
  );
  const frames = maps.map(({ name, rows }, map) => {
    const x = 1 + map * (side + gap);
    const across = rows.length > 0 ? (side * rows[0]!.length) / rows.length : side;
    return { name, x1: x, x2: x + across, y1: nameHeight, y2: nameHeight + side };
  });
  const box = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
  return draw(figure, {
    width,
    height: nameHeight + side + 1,
    margin: 0,
    axis: null,
    style: { fontSize: width < 500 ? '11px' : '12px' },
    x: { type: 'identity' },
    y: { type: 'identity' },
    opacity: { type: 'identity' },
    marks: [
      rect(cells, { ...box, fill: 'fill', fillOpacity: 'opacity', title: 'title', shapeRendering: 'crispEdges' }),
      rect(frames, { ...box, fill: 'none', stroke: 'currentColor', strokeOpacity: 0.35 }),
      text(frames, { x: 'x1', y: () => nameHeight / 2 - 2, text: 'name', textAnchor: 'start' }),
    ],
  });
}
