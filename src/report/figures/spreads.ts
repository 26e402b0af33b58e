import { axisX, axisY, dot, gridY, type Markish, ruleX, text } from '@observablehq/plot';
import { meanOf, quantileOf } from '../../metrics/spread.js';
import { accent, draw, paper } from './draw.js';
import type { FigureText } from './figure-text.js';

export interface Spreads extends FigureText {
  /** What is measured. */
  readonly y: string;
  /** Side by side, in this order. */
  readonly groups: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly domain?: readonly [number, number];
  readonly width?: number;
}

/** Groups of values: a line from the 5th to the 95th percentile, a thick one between the quartiles, and the mean as a number. */
export function spreads({ y, groups, domain = [0, 1], width = 720, ...figure }: Spreads): string {
  const summaries = groups.map(({ name, values }) => {
    const at = (share: number) => quantileOf(values, share);
    const mean = meanOf(values);
    return { name, mean, low: at(0.05), first: at(0.25), third: at(0.75), high: at(0.95), count: values.length };
  });
  const x = { x: 'name' } as const;
  const marks: Markish[] = [
    gridY({ ticks: 5, stroke: 'currentColor', strokeOpacity: 0.13 }),
    axisY({ ticks: 5, label: null, tickSize: 0 }),
    axisX({ label: null, tickSize: 0 }),
    text([y], { frameAnchor: 'top-left', textAnchor: 'start', dx: -36, dy: -20 }),
    ruleX(summaries, { ...x, y1: 'low', y2: 'high', stroke: 'currentColor', strokeOpacity: 0.6, strokeWidth: 1.25 }),
    ruleX(summaries, { ...x, y1: 'first', y2: 'third', stroke: accent, strokeWidth: 9, strokeOpacity: 0.55 }),
    dot(summaries, { ...x, y: 'mean', r: 4.5, fill: paper, stroke: accent, strokeWidth: 2 }),
    text(summaries, {
      ...x,
      y: 'mean',
      text: ({ mean }: { mean: number }) => mean.toFixed(2),
      dx: 12,
      textAnchor: 'start',
      fontVariant: 'tabular-nums',
      stroke: paper,
      strokeWidth: 4,
      fill: 'currentColor',
    }),
  ];
  return draw(figure, {
    width,
    height: width < 500 ? 260 : 300,
    marginTop: 36,
    marginLeft: 36,
    marginRight: 8,
    style: { fontSize: '12px' },
    x: { domain: groups.map(({ name }) => name), type: 'point', padding: 0.6 },
    y: { domain: [...domain] },
    marks,
  });
}
