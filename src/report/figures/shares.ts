import { axisX, axisY, dot, gridX, link, type Markish, text } from '@observablehq/plot';
import { accent, draw, paper } from './draw.js';
import type { FigureText } from './figure-text.js';
import { wordRows } from './words.js';

/** A word with the share of attention on what it names, and the share that the thing has of the picture. */
export interface NamedShare {
  readonly word: string;
  readonly count: number;
  readonly share: number;
  readonly uniform: number;
}

export interface Shares extends FigureText {
  readonly words: readonly NamedShare[];
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

const rowHeight = 22;
const fontSize = 12;

/** By word, from the share that chance would give to the one that attention has. */
export function attentionShareFigure({ words, width = 720, ...figure }: Shares): string {
  const { rows, labels, margin: marginLeft } = wordRows(words, width, fontSize);
  const key = [
    { x: 0, label: '○ part of the picture', fill: 'currentColor' },
    { x: 165, label: '● part of the attention', fill: accent },
  ];
  return draw(figure, {
    width,
    height: 64 + rowHeight * Math.max(1, rows.length),
    marginLeft,
    marginTop: 26,
    marginRight: 20,
    marginBottom: 38,
    style: { fontSize: `${fontSize}px` },
    x: { domain: [0, Math.max(0.05, ...rows.flatMap(({ share, uniform }) => [share, uniform]))], nice: true },
    y: { domain: [...labels.keys()], type: 'point', padding: 0.5 },
    marks: [
      gridX({ ticks: 5, stroke: 'currentColor', strokeOpacity: 0.13, strokeDasharray: 'none' }),
      axisX({ ticks: 5, label: 'share', labelArrow: 'none', tickSize: 4 }),
      axisY({ tickSize: 0, label: null, tickFormat: (row: number) => labels[row]! }),
      link(rows, {
        x1: 'uniform',
        x2: 'share',
        y1: 'row',
        y2: 'row',
        stroke: 'currentColor',
        strokeOpacity: 0.45,
        strokeWidth: 1.5,
      }),
      dot(rows, { x: 'uniform', y: 'row', r: 4, fill: paper, stroke: 'currentColor', strokeWidth: 1.5 }),
      dot(rows, { x: 'share', y: 'row', r: 4.5, fill: accent, stroke: accent }),
      ...key.map(
        ({ x, label, fill }): Markish =>
          text([label], { frameAnchor: 'top-left', textAnchor: 'start', dx: x - marginLeft, dy: -18, fill }),
      ),
    ],
  });
}
