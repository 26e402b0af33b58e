import { axisX, axisY, dot, gridY, type Markish, ruleX, text } from '@observablehq/plot';
import { powerOfTen } from '../format.js';
import { accent, draw, paper } from './draw.js';
import type { FigureText } from './figure-text.js';

export interface SingularValues extends FigureText {
  /** Of each matrix, falling. */
  readonly matrices: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** No more than these should be above zero. */
  readonly bound: { readonly value: number; readonly label: string };
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

/** Zero on the logarithmic scale. */
const floor = 1e-18;

/** Each told apart by form too: matrices whose values are the same stand within one another. */
const forms = [
  { symbol: 'circle', r: 6.5, fill: paper, stroke: accent, strokeWidth: 2 },
  { symbol: 'circle', r: 2.5, fill: accent, stroke: accent, strokeWidth: 1 },
  { symbol: 'square', r: 3.5, fill: paper, stroke: 'currentColor', strokeWidth: 1.5 },
] as const;

const rowHeight = 18;

/** Singular values by index on a logarithmic scale, with the bound as a line between those that may be there and those that must be zero. */
export function singularValueFigure({ matrices, bound, width = 720, ...figure }: SingularValues): string {
  const marginTop = 14 + rowHeight * matrices.length + 30;
  const most = Math.max(1, ...matrices.map(({ values }) => values.length));
  const powers = [-16, -12, -8, -4, 0];
  return draw(figure, {
    width,
    height: marginTop + 220 + 40,
    marginTop,
    marginLeft: 44,
    marginRight: 12,
    marginBottom: 40,
    style: { fontSize: '12px' },
    x: { domain: [0.5, most + 0.5] },
    y: { type: 'log', domain: [floor, 10], clamp: true },
    marks: [
      gridY(
        powers.map((power) => 10 ** power),
        { stroke: 'currentColor', strokeOpacity: 0.13, strokeDasharray: 'none' },
      ),
      axisY(
        powers.map((power) => 10 ** power),
        {
          tickFormat: (value: number) => (value === 1 ? '1' : powerOfTen(Math.round(Math.log10(value)))),
          tickSize: 0,
          label: null,
        },
      ),
      axisX(
        Array.from({ length: most }, (_, i) => i + 1),
        {
          tickFormat: String,
          tickSize: 4,
          label: 'index',
          labelArrow: 'none',
        },
      ),
      ruleX([bound.value + 0.5], {
        stroke: 'currentColor',
        strokeOpacity: 0.7,
        strokeDasharray: '1 4',
        strokeWidth: 1.5,
      }),
      text([bound.label], {
        x: [bound.value + 0.5],
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: 8,
        dy: 4,
        fontStyle: 'italic',
        fill: 'currentColor',
      }),
      text(['singular value'], { frameAnchor: 'top-left', textAnchor: 'start', dx: -44, dy: -24 }),
      ...matrices.flatMap(({ name, values }, i) => {
        const form = forms[i % forms.length]!;
        const points = values.map((value, index) => ({ index: index + 1, value: Math.max(value, floor) }));
        return [dot(points, { ...form, x: 'index', y: 'value' }), ...keyOf(name, form, 8 + i * rowHeight - marginTop)];
      }),
    ],
  });
}

const keyOf = (name: string, form: (typeof forms)[number], dy: number): Markish[] => [
  dot([name], { ...form, frameAnchor: 'top-left', dx: -36, dy }),
  text([name], { frameAnchor: 'top-left', textAnchor: 'start', dx: -24, dy: dy - 4 }),
];
