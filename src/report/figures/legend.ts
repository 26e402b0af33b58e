import type { Markish } from '@observablehq/plot';
import type { LegendEntry } from './legend-entry.js';
import { shortened, textWidth } from './words.js';

const rowHeight = 18;
const sample = 26;
const gap = 18;

const fontSize = 12;

const widthOf = (label: string, width: number) =>
  sample + 6 + textWidth(shortened(label, width - sample - 6, fontSize), fontSize);

/** Entries by row, as many in each as fit into the width. */
function rowsOf(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let left = 0;
  for (const entry of entries) {
    const own = widthOf(entry.label, width);
    if (rows.length === 0 || left + own > width) {
      rows.push([]);
      left = 0;
    }
    rows.at(-1)!.push(entry);
    left += own + gap;
  }
  return rows;
}

/** Pixels that the legend needs above the plot. */
export const legendHeight = (entries: readonly LegendEntry[], width: number): number =>
  rowsOf(entries, width).length * rowHeight;

/** A key of lines above the plot, starting `top` pixels below the figure's edge. */
export function legend(entries: readonly LegendEntry[], width: number, top: number): Markish {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const element = (name: string, attributes: Record<string, string | number>, parent?: Element) => {
      const node = document.createElementNS('http://www.w3.org/2000/svg', name) as SVGElement;
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
      parent?.append(node);
      return node;
    };
    const group = element('g', { 'aria-label': 'key', 'font-size': fontSize, 'text-anchor': 'start' });
    for (const [row, inRow] of rowsOf(entries, width).entries()) {
      let x = 0;
      const y = top + row * rowHeight + rowHeight / 2;
      for (const { label, stroke, strokeOpacity, dash } of inRow) {
        const line = {
          x1: x,
          x2: x + sample,
          y1: y,
          y2: y,
          'stroke-width': 2,
          stroke,
          'stroke-opacity': strokeOpacity,
        };
        element('line', { ...line, 'stroke-dasharray': dash }, group);
        const text = element('text', { x: x + sample + 6, y, dy: '0.32em' }, group);
        text.textContent = shortened(label, width - sample - 6, fontSize);
        x += widthOf(label, width) + gap;
      }
    }
    return group;
  };
}
