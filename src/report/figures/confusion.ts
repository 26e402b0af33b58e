import { axisX, axisY, cell, type Markish, text } from '@observablehq/plot';
import { accent, draw } from './draw.js';
import type { FigureText } from './figure-text.js';
import { shortened, textWidth } from './words.js';

export interface Confusion extends FigureText {
  readonly classes: readonly string[];
  /** `counts[i][j]`: examples of class i that were taken for class j. */
  readonly counts: readonly (readonly number[])[];
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

interface Cell {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  /** Of all examples of the class. */
  readonly share: number;
}

/** Pixels of a number that can still be read when the drawing is made a little smaller. */
const smallestNumber = 9;

/** A confusion matrix: right answers in the accent colour, mistakes in ink, each the darker the larger its share of the row. */
export function confusionMatrix({ classes, counts, width = 720, ...figure }: Confusion): string {
  const cells = cellsOf(counts);
  const narrow = width < 500;
  const fontSize = narrow ? 9.5 : 12;
  const labels = classes.map((name) => shortened(name, 0.26 * width, fontSize));
  const lengths = labels.map((label) => textWidth(label, fontSize));
  const longest = Math.max(...lengths);
  const marginLeft = longest + (narrow ? 22 : 30);
  const sides = (marginRight: number) => (width - marginLeft - marginRight) / classes.length;
  const isSteep = sides(30) < 1.6 * fontSize;
  // A slanted name reaches beyond its column.
  const reach = lengths.map((length, i) => 0.77 * length - (classes.length - i - 0.5) * sides(30));
  const marginRight = isSteep ? 30 : Math.max(30, ...reach);
  const marginTop = longest * (isSteep ? 1 : 0.72) + 40;
  const side = sides(marginRight);
  const cellHeight = side * (narrow ? 1 : 0.72);
  const range = classes.map((_, i) => i);
  const named = (pitch: number) => range.filter((i) => i % Math.ceil(fontSize / pitch) === 0);
  const labelOf = (i: number) => labels[i] ?? String(i);
  const nameOf = (i: number) => classes[i] ?? String(i);
  const at = { x: 'predicted', y: 'actual' } as const;
  return draw(figure, {
    width,
    height: marginTop + classes.length * cellHeight + 8,
    marginTop,
    marginLeft,
    marginRight,
    marginBottom: 8,
    style: { fontSize: `${fontSize}px` },
    x: { domain: range, padding: 0.04 },
    y: { domain: range, padding: 0.04 },
    opacity: { type: 'identity' },
    marks: [
      cell(cells, { ...at, fill: 'currentColor', fillOpacity: 0.035 }),
      shaded(cells.filter(isRight), accent),
      shaded(
        cells.filter((own) => !isRight(own)),
        'currentColor',
      ),
      cell(cells, { ...at, fill: 'transparent', title: (own: Cell) => describe(own, nameOf) }),
      ...numbers(cells, fontSize, side, cellHeight),
      axisX(named(side), {
        anchor: 'top',
        tickSize: 0,
        tickRotate: isSteep ? -90 : -40,
        textAnchor: 'start',
        dx: isSteep ? 0 : -6,
        tickFormat: labelOf,
        label: null,
      }),
      axisY(named(cellHeight), { tickSize: 0, tickFormat: labelOf, label: null }),
      text([narrow ? 'taken for' : 'taken for …'], {
        frameAnchor: 'top-left',
        dy: -marginTop + 8,
        fontStyle: 'italic',
      }),
      text(['is'], { frameAnchor: 'top-left', textAnchor: 'end', dx: -8, dy: -12, fontStyle: 'italic' }),
    ],
  });
}

const isRight = ({ actual, predicted }: Cell) => actual === predicted;

const cellsOf = (counts: Confusion['counts']): Cell[] =>
  counts.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({ actual, predicted, count, share: total > 0 ? count / total : 0 }));
  });

/**
 * A root shows a few in a hundred, which is where the mistakes are. As dark, in a light and in a dark page, as leaves the
 * number readable.
 */
const opacityOf = (own: Cell) => (isRight(own) ? 0.5 * own.share ** (1 / 2) : 0.36 * own.share ** (1 / 3));

const shaded = (cells: readonly Cell[], fill: string): Markish =>
  cell(
    cells.filter(({ count }) => count > 0),
    { x: 'predicted', y: 'actual', fill, fillOpacity: opacityOf },
  );

/** No number for nothing, and none at all where the longest has no room. */
function numbers(cells: readonly Cell[], fontSize: number, width: number, height: number): Markish[] {
  const shown = cells.filter(({ count }) => count > 0);
  const textOf = ({ count }: Cell) => String(count);
  const widest = Math.max(...shown.map((own) => textWidth(textOf(own), 1)));
  const size = Math.min(fontSize, width / widest, height);
  if (size < smallestNumber) return [];
  const style = { fontSize: size, fontVariant: 'tabular-nums', fill: 'currentColor' } as const;
  return [text(shown, { x: 'predicted', y: 'actual', text: textOf, ...style })];
}

const describe = ({ actual, predicted, count, share }: Cell, nameOf: (i: number) => string) => {
  const what = actual === predicted ? 'recognised' : `taken for ${nameOf(predicted)}`;
  return `${nameOf(actual)} ${what}: ${count} (${(100 * share).toFixed(1)} %)`;
};
