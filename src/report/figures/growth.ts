import { axisX, axisY, dot, gridX, gridY, line, type Markish, text } from '@observablehq/plot';
import { type Style, stylesOf } from './curves.js';
import { draw, paper } from './draw.js';
import type { FigureText } from './figure-text.js';
import { legend, legendHeight } from './legend.js';

export interface Growth extends FigureText {
  /** What sizes are of. */
  readonly x: string;
  /** What is measured, with its unit. */
  readonly y: string;
  /** Sizes and values above 0. */
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly { readonly size: number; readonly value: number }[];
  }[];
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

/** Values by size, both logarithmic: a power of the size is a straight line, and its exponent the slope. */
export function growthCurves({ x, y, series, width = 720, ...figure }: Growth): string {
  const styles = stylesOf(series);
  const top = 2;
  const marginLeft = 44;
  const marginTop = top + legendHeight(styles, width) + 48;
  const points = series.flatMap((own) => own.points);
  const domainX = domainOf(points.map(({ size }) => size));
  const domainY = domainOf(points.map(({ value }) => value));
  const grid = { stroke: 'currentColor', strokeOpacity: 0.13 } as const;
  return draw(figure, {
    width,
    height: marginTop + (width < 500 ? 280 : 380) + 44,
    marginTop,
    marginRight: 14,
    marginBottom: 44,
    marginLeft,
    style: { fontSize: '12px' },
    x: { type: 'log', domain: domainX },
    y: { type: 'log', domain: domainY },
    marks: [
      // texts, not formats, of which a logarithmic scale would leave some out
      gridX(ticksIn(domainX), grid),
      gridY(ticksIn(domainY), grid),
      axisX(ticksIn(domainX), { label: x, labelArrow: 'none', tickSize: 4, text: String }),
      axisY(ticksIn(domainY), { label: null, tickSize: 0, text: String }),
      text([y], { frameAnchor: 'top-left', textAnchor: 'start', dx: -marginLeft, dy: -32 }),
      ...series.map((own, i) => marksOf(own.points, styles[i]!)),
      legend(styles, width, top),
    ],
  });
}

function marksOf(points: Growth['series'][number]['points'], { dash, ...style }: Style): Markish[] {
  const { stroke, strokeOpacity, strokeWidth } = style;
  const at = { x: 'size', y: 'value', stroke, strokeOpacity } as const;
  return [
    line(points, { ...at, strokeWidth, strokeDasharray: dash }),
    dot(points, { ...at, r: 2.5, fill: paper, strokeWidth: 1.5 }),
  ];
}

/** Some room on both sides. */
function domainOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [1, 10];
  return [Math.min(...values) / 1.15, 1.15 * Math.max(...values)];
}

/** 1, 2 and 5 times the powers of ten. */
function ticksIn([low, high]: readonly [number, number]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (const digit of [1, 2, 5]) ticks.push(Number(`${digit}e${power}`));
  return ticks.filter((tick) => tick >= low && tick <= high);
}
