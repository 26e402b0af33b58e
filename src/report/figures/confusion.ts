import { axisX, axisY, cell, type Markish, text } from '@observablehq/plot';
import { accent, draw, type FigureText, paper } from './draw.js';

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

/** A confusion matrix: right answers in the accent colour, mistakes in ink, each the darker the larger its share of the row. */
export function confusionMatrix({ classes, counts, width = 720, ...figure }: Confusion): string {
  const cells = cellsOf(counts);
  const narrow = width < 500;
  const fontSize = narrow ? 9 : 12;
  const longest = Math.max(...classes.map((name) => name.length)) * fontSize * 0.58;
  const marginLeft = longest + (narrow ? 22 : 30);
  const marginTop = longest * 0.72 + 40;
  const side = (width - marginLeft - 30) / classes.length;
  const range = classes.map((_, i) => i);
  const nameOf = (i: number) => classes[i] ?? String(i);
  const at = { x: 'predicted', y: 'actual' } as const;
  return draw(figure, {
    width,
    height: marginTop + classes.length * side * (narrow ? 1 : 0.72) + 8,
    marginTop,
    marginLeft,
    marginRight: 30,
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
      ...numbers(cells),
      axisX({
        anchor: 'top',
        tickSize: 0,
        tickRotate: -40,
        textAnchor: 'start',
        dx: -6,
        tickFormat: nameOf,
        label: null,
      }),
      axisY({ tickSize: 0, tickFormat: nameOf, label: null }),
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

/** The square root shows a few in a hundred, which is where the mistakes are. */
const opacityOf = ({ share }: Cell) => 0.9 * Math.sqrt(share);

const shaded = (cells: readonly Cell[], fill: string): Markish =>
  cell(
    cells.filter(({ count }) => count > 0),
    { x: 'predicted', y: 'actual', fill, fillOpacity: opacityOf },
  );

/** Light on dark cells, dark on light ones; no number for nothing. */
function numbers(cells: readonly Cell[]): Markish[] {
  const shown = cells.filter(({ count }) => count > 0);
  const at = { x: 'predicted', y: 'actual', text: 'count', fontVariant: 'tabular-nums' } as const;
  const isDark = (own: Cell) => opacityOf(own) > 0.55;
  return [
    text(shown.filter(isDark), { ...at, fill: paper, fontWeight: 600 }),
    text(
      shown.filter((own) => !isDark(own)),
      { ...at, fill: 'currentColor' },
    ),
  ];
}

const describe = ({ actual, predicted, count, share }: Cell, nameOf: (i: number) => string) => {
  const what = actual === predicted ? 'recognised' : `taken for ${nameOf(predicted)}`;
  return `${nameOf(actual)} ${what}: ${count} (${(100 * share).toFixed(1)} %)`;
};
