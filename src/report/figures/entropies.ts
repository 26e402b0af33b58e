import { axisX, axisY, dot, gridX, ruleX, ruleY, text } from '@observablehq/plot';
import { accent, draw } from './draw.js';
import type { FigureText } from './figure-text.js';
import { wordRows } from './words.js';

export interface Entropies extends FigureText {
  readonly words: readonly { readonly word: string; readonly count: number; readonly entropy: number }[];
  /** Of attention that is the same everywhere, in bits. */
  readonly most: number;
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

const rowHeight = 20;
const fontSize = 12;

/** By word, how spread attention was, up to the entropy of attention that is the same everywhere. */
export function entropyFigure({ words, most, width = 720, ...figure }: Entropies): string {
  const { rows, labels, margin: marginLeft } = wordRows(words, width, fontSize);
  return draw(figure, {
    width,
    height: 70 + rowHeight * Math.max(1, rows.length),
    marginLeft,
    marginTop: 30,
    marginRight: 20,
    marginBottom: 40,
    style: { fontSize: `${fontSize}px` },
    x: { domain: [0, most * 1.02] },
    y: { domain: [...labels.keys()], type: 'point', padding: 0.5 },
    marks: [
      gridX({ ticks: 5, stroke: 'currentColor', strokeOpacity: 0.13, strokeDasharray: 'none' }),
      axisX({ ticks: 5, label: 'bits', labelArrow: 'none', tickSize: 4 }),
      axisY({ tickSize: 0, label: null, tickFormat: (row: number) => labels[row]! }),
      ruleX([most], { stroke: 'currentColor', strokeDasharray: '1 4', strokeWidth: 1.5 }),
      text([most], { x: [most], text: ['the same everywhere'], frameAnchor: 'top', textAnchor: 'end', dy: -18 }),
      ruleY(rows, { x1: 0, x2: 'entropy', y: 'row', stroke: accent, strokeWidth: 2, strokeOpacity: 0.5 }),
      dot(rows, { x: 'entropy', y: 'row', r: 4.5, fill: accent, stroke: accent }),
    ],
  });
}
