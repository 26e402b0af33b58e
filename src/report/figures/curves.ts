import { axisX, axisY, dot, gridY, line, type Markish, ruleY, text } from '@observablehq/plot';
import { accent, draw, paper } from './draw.js';
import type { FigureText } from './figure-text.js';
import { legend, legendHeight } from './legend.js';
import type { LegendEntry } from './legend-entry.js';

/** One line: a value after each epoch. A value that is not finite is a gap. */
export interface Series {
  readonly label: string;
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
  /** Lines of which this one is the mean, thin behind it. */
  readonly behind?: readonly Series['points'][];
  /** `best` is drawn in the accent colour, `besideBest` too but dashed. */
  readonly role?: 'best' | 'besideBest';
  /** Which of the colours and dashes it has, from 0, where figures share them; in turns by default. */
  readonly place?: number;
}

export interface Curves extends FigureText {
  /** What is measured, with its unit where it has one. */
  readonly y: string;
  readonly series: readonly Series[];
  /** Published values to compare with, drawn as lines across. */
  readonly references?: readonly { readonly label: string; readonly value: number }[];
  /** Colours of the lines that have no role, in turns, where dashes alone are not enough. */
  readonly colours?: readonly string[];
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

/** Told apart without colour too, in this order. */
const dashes = ['none', '7 4', '2 3', '9 3 2 3', '12 3'];

/** Values by epoch as lines, with a key above and reference lines across. */
export function curves({ y, series, references = [], colours = [], width = 720, ...figure }: Curves): string {
  const styles = stylesOf(series, colours);
  const top = 2;
  const marginLeft = 44;
  const marginTop = top + legendHeight(styles, width) + 48;
  const finite = (points: Series['points']) =>
    points
      .filter(({ value }) => Number.isFinite(value))
      .map((point) => (isNothing(point.value) ? { ...point, value: 0 } : point));
  const points = series.map(({ points }) => finite(points));
  const behind = series.map(({ behind = [] }) => behind.map(finite));
  const values = [
    ...[...points, ...behind.flat()].flat().map(({ value }) => value),
    ...references.map(({ value }) => value),
  ];
  const epochs = series.flatMap(({ points, behind = [] }) => [points, ...behind].flat().map(({ epoch }) => epoch));
  const [first, last] = epochs.length > 0 ? [Math.min(...epochs), Math.max(...epochs)] : [1, 1];
  // One epoch alone stands in the middle.
  const domain: [number, number] = first === last ? [first - 0.5, last + 0.5] : [first, last];
  return draw(figure, {
    width,
    height: marginTop + (width < 500 ? 220 : 300) + 44,
    marginTop,
    marginRight: 14,
    marginBottom: 44,
    marginLeft,
    style: { fontSize: '12px' },
    x: { domain },
    y: { ...scaleOf(values), nice: true },
    marks: [
      gridY({ ticks: 6, stroke: 'currentColor', strokeOpacity: 0.13, strokeDasharray: 'none' }),
      axisY({ ticks: 6, label: null, tickSize: 0, tickFormat: short }),
      text([y], { frameAnchor: 'top-left', textAnchor: 'start', dx: -marginLeft, dy: -32 }),
      axisX({
        label: 'epoch',
        labelArrow: 'none',
        ticks: epochTicks(first, last, width),
        tickFormat: String,
        tickSize: 4,
      }),
      referenceLines(references),
      ...behind.flatMap((lines, i) => lines.map((own) => thinLine(own, styles[i]!))),
      // The first is on top.
      ...points.map((points, i) => lineMarks(points, styles[i]!)).reverse(),
      ...referenceLabels(references, points.flat(), domain),
      legend(styles, width, top),
    ],
  });
}

export interface Style extends LegendEntry {
  readonly strokeWidth: number;
}

/** How lines look, told apart without colour too. */
export function stylesOf(
  series: readonly Pick<Series, 'label' | 'role' | 'place'>[],
  colours: readonly string[] = [],
): Style[] {
  let others = 0;
  return series.map(({ label, role, place }) => {
    if (role === 'best') return { label, stroke: accent, strokeOpacity: 1, dash: 'none', strokeWidth: 2.5 };
    if (role === 'besideBest') return { label, stroke: accent, strokeOpacity: 0.85, dash: '3 3', strokeWidth: 1.75 };
    const own = place ?? others++;
    const dash = dashes[(colours.length > 0 ? own : own + 1) % dashes.length]!;
    const coloured = {
      stroke: colours[own % colours.length] ?? 'currentColor',
      strokeOpacity: colours.length > 0 ? 1 : 0.7,
    };
    return { label, ...coloured, dash, strokeWidth: 1.75 };
  });
}

function lineMarks(points: Series['points'], { stroke, strokeOpacity, dash, strokeWidth }: Style): Markish[] {
  const at = { x: 'epoch', y: 'value' } as const;
  const marks: Markish[] = [line(points, { ...at, stroke, strokeOpacity, strokeWidth, strokeDasharray: dash })];
  const r = strokeWidth > 2 ? 3.5 : 2.5;
  if (points.length <= 40) marks.push(dot(points, { ...at, r, fill: paper, stroke, strokeOpacity, strokeWidth: 1.5 }));
  return marks;
}

const thinLine = (points: Series['points'], { stroke }: Style): Markish =>
  line(points, { x: 'epoch', y: 'value', stroke, strokeOpacity: 0.3, strokeWidth: 1 });

const referenceLines = (references: NonNullable<Curves['references']>): Markish =>
  ruleY(references, {
    y: 'value',
    stroke: 'currentColor',
    strokeOpacity: 0.7,
    strokeDasharray: '1 4',
    strokeWidth: 1.5,
  });

/** Over the lines, in a halo, each at the end where fewer points are in its way. */
function referenceLabels(
  references: NonNullable<Curves['references']>,
  points: Series['points'],
  [first, last]: readonly [number, number],
): Markish[] {
  const values = [...points, ...references].map(({ value }) => value);
  const high = 0.1 * (Math.max(...values) - Math.min(...values));
  const reach = 0.4 * (last - first);
  const inTheWay = (reference: number, from: number, to: number) =>
    points.filter(({ epoch, value }) => epoch >= from && epoch <= to && value > reference && value < reference + high)
      .length;
  return references.map(({ label, value }) => {
    const atEnd = inTheWay(value, last - reach, last) < inTheWay(value, first, first + reach);
    return text([label], {
      x: [atEnd ? last : first],
      y: [value],
      text: [label],
      textAnchor: atEnd ? 'end' : 'start',
      dx: atEnd ? -8 : 8,
      dy: -9,
      fontStyle: 'italic',
      fill: 'currentColor',
      stroke: paper,
      strokeWidth: 5,
    });
  });
}

/** What NLTK's BLEU gives for no match at all is 1e-155. */
const isNothing = (value: number): boolean => Math.abs(value) < 1e-12;

/** A number in few characters. */
function short(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e4 || size < 1e-3)
    ? value.toExponential().replace('e+', 'e')
    : String(Number(value.toPrecision(6)));
}

/** Logarithmic where one value would flatten all the others; a score that is next to nothing at first is not what flattens them. */
function scaleOf(values: readonly number[]): { type: 'linear' | 'log'; domain?: [number, number] } {
  if (values.length === 0) return { type: 'linear', domain: [0, 1] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  return {
    type: low > 0 && high / low > 50 && (high > 1 || low > 1e-3) ? 'log' : 'linear',
    domain: low === high ? [low >= 0 ? Math.max(0, low - 0.1) : low - 0.1, high + 0.1] : [low, high],
  };
}

/** Whole epochs, as many as have room. */
function epochTicks(first: number, last: number, width: number): number[] {
  const every = Math.max(1, Math.ceil((last - first + 1) / (width < 500 ? 8 : 16)));
  const ticks: number[] = [];
  for (let epoch = Math.ceil(first / every) * every; epoch <= last; epoch += every) ticks.push(epoch);
  return ticks;
}
