import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { confusionMatrix } from './confusion.js';
import { type Curves, curves } from './curves.js';
import { standalone } from './draw.js';
import { filterGrid } from './filters.js';
import { growthCurves } from './growth.js';
import { heatMaps } from './heat-maps.js';
import { singularValueFigure } from './singular-values.js';

const parse = (svg: string): Element =>
  (new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as Document).querySelector('svg')!;

const all = (svg: string, selector: string): Element[] => [...parse(svg).querySelectorAll(selector)];

/** Texts that are drawn, without titles and descriptions. */
const texts = (svg: string): string[] => all(svg, 'text').map((node) => node.firstChild?.textContent ?? '');

const hostile = `</title><script>alert(1)</script>" onload='x' &\u0000`;

const example: Curves = {
  title: 'Loss',
  description: 'It falls.',
  y: 'training loss',
  series: [
    { label: '0.01 (best)', role: 'best', points: [0.6, 0.4, 0.3].map((value, i) => ({ epoch: i + 1, value })) },
    { label: '0.001', points: [1.5, 1.2, 1].map((value, i) => ({ epoch: i + 1, value })) },
  ],
  references: [{ label: 'the report: 0.3268', value: 0.3268 }],
};

it('curves that begin next to nothing have an even scale, those over some orders a logarithmic one', () => {
  const labels = (...values: number[]) =>
    texts(
      curves({
        ...example,
        references: [],
        series: [{ label: 'a', points: values.map((value, i) => ({ epoch: i + 1, value })) }],
      }),
    );
  expect(labels(5e-155, 0.2, 0.8)).toEqual(expect.arrayContaining(['0.2', '0.4', '0.6', '0.8']));
  expect(labels(0.01, 0.1, 1)).toEqual(expect.arrayContaining(['0.01', '0.1', '1']));
  expect(labels(2, 3, 1.2e11)).toEqual(expect.arrayContaining(['100', '1e4', '1e10']));
  expect(labels(5e-155, 7e-155)).toEqual(expect.arrayContaining(['0', '0.1']));
  expect(labels(0, 0)).toEqual(expect.arrayContaining(['0', '0.1']));
});

describe('every figure', () => {
  const figures = [
    [
      'curves',
      (title: string) => curves({ ...example, title, y: title, series: [{ ...example.series[0]!, label: title }] }),
    ],
    [
      'singularValueFigure',
      (title: string) =>
        singularValueFigure({
          title,
          description: title,
          matrices: [{ name: title, values: [1, 0] }],
          bound: { value: 1, label: title },
        }),
    ],
    [
      'heatMaps',
      (title: string) =>
        heatMaps({
          title,
          description: title,
          maps: [
            {
              name: title,
              rows: [
                [1, 0],
                [0.5, 0.5],
              ],
            },
          ],
        }),
    ],
    [
      'growthCurves',
      (title: string) =>
        growthCurves({
          title,
          description: title,
          x: title,
          y: title,
          series: [{ label: title, points: [{ size: 1, value: 2 }] }],
        }),
    ],
    ['filterGrid', (title: string) => filterGrid({ title, description: title, kernels: [[[1, 2]]] })],
    [
      'confusionMatrix',
      (title: string) =>
        confusionMatrix({
          title,
          description: title,
          classes: [title, 'b'],
          counts: [
            [1, 2],
            [3, 4],
          ],
        }),
    ],
  ] as const;

  it.each(figures)('%s names and describes itself', (_, figure) => {
    const svg = parse(figure('A name'));
    expect(svg.getAttribute('role')).toBe('img');
    expect(svg.getAttribute('aria-label')).toBe('A name');
    expect(svg.firstElementChild?.localName).toBe('title');
    expect(svg.firstElementChild?.textContent).toBe('A name');
    expect(svg.querySelector('desc')?.textContent).not.toBe('');
  });

  it.each(figures)('%s is safe and well-formed whatever its texts are', (_, figure) => {
    const svg = figure(hostile);
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0000');
    // Outside of tags no bare angle bracket or ampersand, inside attributes none either.
    expect(svg.replace(/<\/?[a-z]+( [\w:-]+="[^"<>]*")* ?\/?>/g, '')).not.toMatch(/[<>]/);
    expect(svg.replace(/&(amp|lt|gt|quot|apos|#\d+);/g, '')).not.toContain('&');
    expect(all(svg, '[onload]')).toEqual([]);
  });

  it.each(figures)('%s gives the same bytes for the same data', (_, figure) => {
    expect(figure('A')).toBe(figure('A'));
  });

  it.each(figures)('%s takes its colours from the page, or brings them as a file of its own', (_, figure) => {
    expect(figure('A')).not.toMatch(/<style|#fff(?!\))/);
    const file = standalone(figure('A'));
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(file).toContain('prefers-color-scheme: dark');
  });
});

describe('curves', () => {
  const lines = (svg: string) => all(svg, '[data-mark="line"] path').map((path) => path.getAttribute('d') ?? '');

  it('draws a line for each series, the first on top, a point for each epoch, and a key', () => {
    const svg = curves(example);
    expect(lines(svg)).toHaveLength(2);
    expect(all(svg, '[data-mark="line"]').at(-1)?.getAttribute('stroke')).toMatch(/--accent/);
    expect(all(svg, '[data-mark="dot"] circle')).toHaveLength(6);
    expect(all(svg, '[data-mark="key"] text').map((node) => node.textContent)).toEqual(['0.01 (best)', '0.001']);
    expect(texts(svg)).toContain('training loss');
  });

  it('puts greater values higher', () => {
    const [path] = lines(curves({ ...example, series: [example.series[0]!] }));
    const heights = [...path!.matchAll(/,([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(new Set(heights).size).toBe(3);
  });

  it('labels whole epochs only, and draws the reference across', () => {
    const svg = curves(example);
    expect(all(svg, '[data-mark="x-axis tick label"] text').map((node) => node.textContent)).toEqual(['1', '2', '3']);
    expect(texts(svg)).toContain('the report: 0.3268');
    const rule = all(svg, '[data-mark="rule"] line')[0]!;
    expect(Number(rule.getAttribute('x2')) - Number(rule.getAttribute('x1'))).toBeGreaterThan(600);
  });

  it('leaves out what is not finite, and stays a picture when nothing is', () => {
    const points = [0.5, Number.NaN, Number.POSITIVE_INFINITY].map((value, i) => ({ epoch: i + 1, value }));
    const svg = curves({ ...example, series: [{ label: 'a', points }], references: [] });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(all(svg, '[data-mark="dot"] circle')).toHaveLength(1);
    expect(curves({ ...example, series: [{ label: 'a', points: [] }], references: [] })).not.toMatch(/NaN|Infinity/);
  });

  it('shows a single epoch', () => {
    const svg = curves({ ...example, series: [{ label: 'a', points: [{ epoch: 1, value: 0.5 }] }], references: [] });
    expect(all(svg, '[data-mark="dot"] circle')).toHaveLength(1);
    expect(all(svg, '[data-mark="x-axis tick label"] text').map((node) => node.textContent)).toEqual(['1']);
  });

  it('keeps small rates whole in the key', () => {
    const svg = curves({ ...example, series: [{ ...example.series[0]!, label: '0.000123' }] });
    expect(texts(svg)).toContain('0.000123');
  });

  it('wraps the key on a phone instead of leaving the picture', () => {
    const series = Array.from({ length: 6 }, (_, i) => ({ ...example.series[1]!, label: `0.000${i}, a long label` }));
    for (const text of all(curves({ ...example, series, width: 360 }), '[data-mark="key"] text')) {
      const end = Number(text.getAttribute('x')) + text.textContent!.length * 6.4;
      expect(end).toBeLessThanOrEqual(360);
    }
  });
});

describe('filterGrid', () => {
  const pixels = (svg: string) => all(svg, 'rect').filter((rect) => rect.getAttribute('fill')?.startsWith('rgb'));
  const fills = (svg: string) => pixels(svg).map((rect) => rect.getAttribute('fill'));
  const text = { title: 'Filters', description: 'd' };

  it('scales each kernel by itself: its smallest weight black, its largest white', () => {
    const kernels = [
      [
        [-1, 0],
        [1, 0.5],
      ],
      [
        [10, 20],
        [20, 10],
      ],
    ];
    const grey = (value: number) => `rgb(${value},${value},${value})`;
    expect(fills(filterGrid({ ...text, kernels }))).toEqual([0, 128, 255, 191, 0, 255, 255, 0].map(grey));
  });

  it('makes equal weights mid-grey and leaves out what is not finite', () => {
    expect(fills(filterGrid({ ...text, kernels: [[[3, 3]]] }))).toEqual(['rgb(128,128,128)', 'rgb(128,128,128)']);
    const svg = filterGrid({ ...text, kernels: [[[Number.NaN, 1, Number.POSITIVE_INFINITY, 2]]] });
    expect(fills(svg)).toEqual(['rgb(0,0,0)', 'rgb(255,255,255)']);
  });

  it('sets eight in a row, crisp', () => {
    const svg = filterGrid({ ...text, kernels: Array.from({ length: 16 }, (_, i) => [[i, 1]]) });
    const frames = all(svg, 'rect').filter((rect) => rect.querySelector('title'));
    const tops = frames.map((rect) => rect.getAttribute('y'));
    expect(new Set(tops.slice(0, 8)).size).toBe(1);
    expect(new Set(tops.slice(8)).size).toBe(1);
    expect(new Set(tops).size).toBe(2);
    expect(frames[0]?.textContent).toBe('kernel 1: weights from 0.000 to 1.000');
    expect(svg).toContain('shape-rendering="crispEdges"');
  });
});

describe('confusionMatrix', () => {
  const text = { title: 'Confusions', description: 'd', classes: ['cat', 'dog'] };
  const counts = [
    [90, 10],
    [0, 50],
  ];

  it('shows the counts, and says in words what each is', () => {
    const svg = confusionMatrix({ ...text, counts });
    expect(all(svg, '[data-mark="text"] text').map((node) => node.textContent)).toEqual(
      expect.arrayContaining(['90', '10', '50']),
    );
    expect(all(svg, 'rect title').map((node) => node.textContent)).toEqual([
      'cat recognised: 90 (90.0 %)',
      'cat taken for dog: 10 (10.0 %)',
      'dog taken for cat: 0 (0.0 %)',
      'dog recognised: 50 (100.0 %)',
    ]);
  });

  it('has numbers in all cells or, where one has no room, in none, and shortens names', () => {
    const classes = Array.from({ length: 21 }, (_, i) => `residential quarter number ${i} beside a river`);
    const matrix = (count: number) => classes.map((_, i) => classes.map((_, j) => (i === j ? count : 1)));
    const cells = (count: number) =>
      all(confusionMatrix({ ...text, classes, counts: matrix(count) }), '[data-mark="text"] text').filter((node) =>
        /^\d/.test(node.textContent ?? ''),
      );
    expect(cells(9)).toHaveLength(21 * 21);
    expect(cells(1234)).toHaveLength(0);
    expect(texts(confusionMatrix({ ...text, classes, counts: matrix(9) }))).not.toContain(classes[0]);
  });

  it('shades by the share of the row, and nothing where there is nothing', () => {
    const svg = confusionMatrix({ ...text, counts });
    const right = all(svg, 'g[fill*="accent"] rect').map((rect) => Number(rect.getAttribute('fill-opacity')));
    expect(right).toHaveLength(2);
    expect(right[1]).toBeCloseTo(0.5);
    expect(right[0]).toBeCloseTo(0.5 * Math.sqrt(0.9));
    expect(
      confusionMatrix({
        ...text,
        counts: [
          [0, 0],
          [0, 0],
        ],
      }),
    ).not.toContain('NaN');
  });
});

describe('growthCurves', () => {
  it('draws a power of the size as a straight line', () => {
    const points = [1, 10, 100].map((size) => ({ size, value: 2 * size ** 2 }));
    const svg = growthCurves({
      title: 'a',
      description: 'b',
      x: 'size',
      y: 'ms',
      series: [{ label: 'square', points }],
    });
    const dots = all(svg, 'circle').map((node) => ['cx', 'cy'].map((name) => Number(node.getAttribute(name))));
    expect(dots).toHaveLength(3);
    const [[x0, y0], [x1, y1], [x2, y2]] = dots as [[number, number], [number, number], [number, number]];
    expect(x1 - x0).toBeCloseTo(x2 - x1, 1);
    expect(y0 - y1).toBeCloseTo(y1 - y2, 1);
    expect(texts(svg)).toEqual(expect.arrayContaining(['size', 'ms', 'square', '1', '50', '20000']));
  });
});
