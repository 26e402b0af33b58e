import type { Box, MeasuredPage, MeasuredText, Point } from './measure.js';

/** Pixels that rounding may take. */
const tolerance = 1;

/** What does not fit: a page wider than the window, content wider than its element, text outside of its drawing. */
export function cutOff({ width, scrollWidth, elements, drawings, texts }: MeasuredPage): string[] {
  const wide = scrollWidth > width ? [`the page is ${scrollWidth} px wide in a window of ${width} px`] : [];
  const overflowing = elements.flatMap(({ name, overflow, scrolls }) =>
    overflow > tolerance && !scrolls ? [`${name} is exceeded by its content by ${overflow} px`] : [],
  );
  const outside = texts.flatMap(({ text, drawn }) => {
    if (!drawn) return [];
    const { name, box } = drawings[drawn.drawing]!;
    return contains(box, drawn.corners) ? [] : [`${name}: “${text}” leaves the drawing`];
  });
  return [...wide, ...overflowing, ...outside];
}

/** Neighbours that stand on one another: boxes of one parent, and texts of one drawing. */
export function overlaps({ elements, texts }: MeasuredPage): string[] {
  const found: string[] = [];
  for (const [a, b] of pairsBy(elements, ({ parent }) => parent)) {
    if (boxesMeet(a.box, b.box)) found.push(`${a.name} and ${b.name} overlap`);
  }
  for (const [a, b] of pairsBy(texts, ({ drawn }) => drawn?.drawing)) {
    if (quadsMeet(letters(a), letters(b))) found.push(`${a.name}: “${a.text}” and “${b.text}” overlap`);
  }
  return found;
}

/** All pairs of items with the same key; none of those without one. */
function* pairsBy<T>(items: readonly T[], keyOf: (item: T) => number | undefined): Generator<[T, T]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    for (const other of group) yield [other, item];
    group.push(item);
  }
}

const contains = ({ left, top, right, bottom }: Box, points: readonly Point[]): boolean =>
  points.every(
    ([x, y]) => x >= left - tolerance && x <= right + tolerance && y >= top - tolerance && y <= bottom + tolerance,
  );

const boxesMeet = (a: Box, b: Box): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > tolerance &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > tolerance;

/** A line of text is higher than its letters: a sixth above and below has none in it. */
function letters({ drawn }: MeasuredText): Point[] {
  const [a, b, c, d] = drawn!.corners as readonly [Point, Point, Point, Point];
  return [between(a, d, 1 / 6), between(b, c, 1 / 6), between(c, b, 1 / 6), between(d, a, 1 / 6)];
}

const between = ([x1, y1]: Point, [x2, y2]: Point, part: number): Point => [
  x1 + part * (x2 - x1),
  y1 + part * (y2 - y1),
];

/** Convex shapes meet unless a line along one of their sides parts them. */
const quadsMeet = (a: readonly Point[], b: readonly Point[]): boolean =>
  [...normals(a), ...normals(b)].every((normal) => {
    const [ofA, ofB] = [extent(a, normal), extent(b, normal)];
    return Math.min(ofA.high, ofB.high) - Math.max(ofA.low, ofB.low) > tolerance / 2;
  });

const normals = (corners: readonly Point[]): Point[] =>
  corners.slice(0, 2).map(([x1, y1], i) => {
    const [x2, y2] = corners[i + 1]!;
    const length = Math.hypot(x2 - x1, y2 - y1) || 1;
    return [(y1 - y2) / length, (x2 - x1) / length];
  });

function extent(corners: readonly Point[], [nx, ny]: Point): { low: number; high: number } {
  const along = corners.map(([x, y]) => x * nx + y * ny);
  return { low: Math.min(...along), high: Math.max(...along) };
}
